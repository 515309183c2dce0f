import Support

/// The header of a safetensors file: the tensors by name, and metadata.
///
/// A file consists of 8 bytes with the header's length (little-endian), the header (a JSON object,
/// padded with spaces) and the tensors' bytes without gaps.
/// Source: https://github.com/huggingface/safetensors#format
struct SafetensorsHeader: Equatable {
  /// The tensors in the order of their bytes in the file.
  var tensors: [TensorInfo]
  /// The texts under `__metadata__`.
  var metadata: [String: String]

  /// The largest permitted size of a header in bytes. Other readers have the same limit.
  static let limit = 100_000_000

  private static let metadataName = "__metadata__"
}

extension SafetensorsHeader {
  /// Parses and checks a header that is followed by `dataSize` bytes of data.
  init(parsing bytes: UnsafeRawBufferPointer, dataSize: Int) throws(HeaderFault) {
    guard bytes.first == UInt8(ascii: "{") else {
      throw HeaderFault("its header does not begin with '{'")
    }
    var tensors: [TensorInfo] = []
    var metadata: [String: String] = [:]
    var scanner = HeaderScanner(bytes)
    try scanner.object { (scanner, name) throws(HeaderFault) in
      if name == Self.metadataName {
        try scanner.object { (scanner, key) throws(HeaderFault) in
          metadata[key] = try scanner.string()
        }
      } else {
        tensors.append(try Self.tensor(name, &scanner))
      }
    }
    try scanner.end()
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    self.init(tensors: tensors, metadata: metadata)
    try checkPlaces(dataSize: dataSize)
  }

  /// Reads `{"dtype": …, "shape": […], "data_offsets": [begin, end]}`.
  private static func tensor(
    _ name: String, _ scanner: inout HeaderScanner
  ) throws(HeaderFault) -> TensorInfo {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(HeaderFault) in
      switch key {
      case "dtype": typeName = try scanner.string()
      case "shape": shape = try scanner.wholeNumbers()
      case "data_offsets": offsets = try scanner.wholeNumbers()
      default: throw HeaderFault("tensor \(shown(name)) has the unknown field \(shown(key))")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw HeaderFault("tensor \(shown(name)) lacks its dtype, shape or data_offsets")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw HeaderFault("tensor \(shown(name)) has the unknown dtype \(shown(typeName))")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw HeaderFault("tensor \(shown(name)) has data_offsets that are not a begin and an end")
    }
    guard TensorInfo.byteCount(shape, type) == offsets[1] - offsets[0] else {
      throw HeaderFault(
        "tensor \(shown(name)) has a shape and dtype that do not make "
          + "the \(offsets[1] - offsets[0]) bytes of its data_offsets")
    }
    return TensorInfo(name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1])
  }

  /// Checks that the tensors fill the data without gaps or overlaps.
  private func checkPlaces(dataSize: Int) throws(HeaderFault) {
    var end = 0
    for tensor in tensors {
      let name = shown(tensor.name)
      if tensor.bytes.lowerBound > end {
        throw HeaderFault("there is a hole of unused bytes before tensor \(name)")
      }
      if tensor.bytes.lowerBound < end {
        throw HeaderFault("tensor \(name) overlaps the one before it")
      }
      end = tensor.bytes.upperBound
      if end > dataSize { throw HeaderFault("tensor \(name) ends beyond the end of the file") }
    }
    if end < dataSize {
      throw HeaderFault("\(dataSize - end) bytes after the last tensor belong to no tensor")
    }
  }
}

extension SafetensorsHeader {
  /// The header's bytes without its length, padded so that the data begin at a multiple of eight
  /// bytes.
  var encoded: String.UTF8View {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { $0.key.jsonQuoted + ":" + $0.value.jsonQuoted }
      members.append(Self.metadataName.jsonQuoted + ":{" + pairs.joined(separator: ",") + "}")
    }
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        tensor.name.jsonQuoted + ":{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(tensor.bytes.lowerBound),\(tensor.bytes.upperBound)]}")
    }
    let text = "{" + members.joined(separator: ",") + "}"
    return (text + String(repeating: " ", count: -text.utf8.count & 7)).utf8
  }

  /// Whether a tensor may have the given name.
  static func isName(_ name: String) -> Bool { name != metadataName }
}
