import Support

extension SafetensorsFile {
  /// Reads a tensor of any floating-point type as float32.
  package func floats(_ name: String) throws(FileError) -> [Float] {
    var values = [Float](repeating: 0, count: try tensor(name).count)
    try values.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      try copyFloats(name, into: target)
    }
    return values
  }

  /// Reads a tensor of any floating-point type as float32 into `target`, which has as many
  /// elements.
  /// Float32 values are read directly; other types are converted.
  package func copyFloats(
    _ name: String, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    let tensor = try tensor(name)
    guard tensor.count == target.count else {
      throw FileError(
        file: path,
        what: "tensor \(shown(name)) has shape \(tensor.shape), where \(target.count) values fit",
        remedy: "check that it was written for this architecture")
    }
    try read(tensor, 0..<tensor.count, into: target)
  }

  /// Reads a range of a floating-point tensor's elements as float32 into `target`.
  package func copyFloats(
    _ name: String, _ elements: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    let tensor = try tensor(name)
    precondition(elements.upperBound <= tensor.count && elements.count == target.count)
    try read(tensor, elements, into: target)
  }

  /// Passes a tensor's values to `body` in pieces, so that it can be copied to a backend without a
  /// second copy in memory.
  package func readFloats(
    _ name: String, _ body: (Range<Int>, UnsafeBufferPointer<Float>) -> Void
  ) throws(FileError) {
    let tensor = try tensor(name)
    let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: pieceCount)
    defer { piece.deallocate() }
    try forEachPiece(tensor.count) { (range) throws(FileError) in
      let values = UnsafeMutableBufferPointer(rebasing: piece[..<range.count])
      try read(tensor, range, into: values)
      body(range, UnsafeBufferPointer(values))
    }
  }

  /// Reads a tensor of any integer type, or of booleans, as 32-bit integers.
  /// Throws if a value does not fit.
  package func int32s(_ name: String) throws(FileError) -> [Int32] { try integers(name) }

  /// Reads a tensor of any integer type, or of booleans, as 64-bit integers.
  package func int64s(_ name: String) throws(FileError) -> [Int64] { try integers(name) }

  /// Reads a tensor of any integer type, or of booleans, as bytes. Throws if a value does not fit.
  package func uint8s(_ name: String) throws(FileError) -> [UInt8] { try integers(name) }
}

/// The number of elements that are read or written at once, chosen to fit a processor's cache.
let pieceCount = 1 << 16

/// Calls `body` with consecutive ranges of at most `pieceCount` elements that cover `0..<count`.
func forEachPiece(
  _ count: Int, _ body: (Range<Int>) throws(FileError) -> Void
) throws(FileError) {
  var start = 0
  while start < count {
    let end = min(count, start + pieceCount)
    try body(start..<end)
    start = end
  }
}

extension SafetensorsFile {
  /// Reads a range of a tensor's elements as float32.
  private func read(
    _ tensor: TensorInfo, _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    switch tensor.type {
    case .float32: try readBytes(tensor, range, into: UnsafeMutableRawBufferPointer(target))
    case .float64:
      try convert(tensor, range, into: target) { (value: Double) in Float(value) }
    case .float16:
      try convert(tensor, range, into: target) { (value: Float16) in Float(value) }
    case .bfloat16:
      try convert(tensor, range, into: target) { (bits: UInt16) in
        Float(bitPattern: UInt32(bits) << 16)
      }
    case .int64, .int32, .uint8, .bool:
      throw wrongType(tensor, wanted: "floats")
    }
  }

  private func integers<Integer: FixedWidthInteger>(
    _ name: String
  ) throws(FileError) -> [Integer] {
    let tensor = try tensor(name)
    var values = [Integer](repeating: 0, count: tensor.count)
    var isExact = true
    func exact(_ value: some FixedWidthInteger) -> Integer {
      if let same = Integer(exactly: value) { return same }
      isExact = false
      return 0
    }
    try values.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      let range = 0..<tensor.count
      switch tensor.type {
      case .int64: try convert(tensor, range, into: target) { (value: Int64) in exact(value) }
      case .int32: try convert(tensor, range, into: target) { (value: Int32) in exact(value) }
      case .uint8, .bool:
        try convert(tensor, range, into: target) { (value: UInt8) in exact(value) }
      case .float64, .float32, .float16, .bfloat16:
        throw wrongType(tensor, wanted: "whole numbers")
      }
    }
    guard isExact else {
      throw FileError(
        file: path, what: "tensor \(shown(name)) has values that \(Integer.self) does not hold",
        remedy: "check that it is the right file")
    }
    return values
  }

  /// Reads a range of a tensor's elements as `Stored` and converts each.
  private func convert<Stored, Value>(
    _ tensor: TensorInfo, _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Value>,
    _ value: (Stored) -> Value
  ) throws(FileError) {
    let piece = UnsafeMutableBufferPointer<Stored>.allocate(capacity: pieceCount)
    defer { piece.deallocate() }
    try forEachPiece(range.count) { (part) throws(FileError) in
      let start = range.lowerBound + part.lowerBound
      let stored = UnsafeMutableBufferPointer(rebasing: piece[..<part.count])
      try readBytes(
        tensor, start..<start + part.count, into: UnsafeMutableRawBufferPointer(stored))
      for index in 0..<part.count { target[part.lowerBound + index] = value(stored[index]) }
    }
  }

  private func readBytes(
    _ tensor: TensorInfo, _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    let start = dataOffset + tensor.bytes.lowerBound + range.lowerBound * tensor.type.size
    try input.read(at: start, into: target)
  }

  private func wrongType(_ tensor: TensorInfo, wanted: String) -> FileError {
    FileError(
      file: path,
      what: "tensor \(shown(tensor.name)) has dtype \(tensor.type.rawValue), not \(wanted)",
      remedy: "check that it is the right file")
  }
}
