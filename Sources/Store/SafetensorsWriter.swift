import Support

/// Writes safetensors files.
package enum SafetensorsWriter {
  /// Writes tensors to a file that appears at `path` only when it is complete and flushed to the
  /// disk.
  ///
  /// Tensors with wider elements are written first, and otherwise in the given order, so that each
  /// begins at a multiple of its element size. The names must be distinct, and none may be
  /// `__metadata__`. Any thread may call.
  @discardableResult
  package static func write(
    _ sources: [TensorSource], metadata: [String: String] = [:], to path: String
  ) throws(FileError) -> FileRecord {
    let ordered = inFileOrder(sources)
    let tensors = places(ordered)
    let header = SafetensorsHeader(tensors: tensors, metadata: metadata).encoded
    guard header.count <= SafetensorsHeader.limit else {
      throw FileError(
        file: path, what: "would have a header of \(header.count) bytes, which no reader accepts",
        remedy: "write fewer tensors or less metadata")
    }
    let dataSize = tensors.last?.bytes.upperBound ?? 0
    let output = try FileOutput(path: path, size: 8 + header.count + dataSize)
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(pieceCount * 8, 8 + header.count), alignment: 64)
    defer { piece.deallocate() }

    piece.storeBytes(of: UInt64(header.count).littleEndian, as: UInt64.self)
    UnsafeMutableRawBufferPointer(rebasing: piece[8...]).copyBytes(from: header)
    try output.write(UnsafeRawBufferPointer(rebasing: piece[..<(8 + header.count)]))
    for (source, tensor) in zip(ordered, tensors) {
      try forEachPiece(tensor.count) { (range) throws(FileError) in
        let size = range.count * tensor.type.size
        let values = UnsafeMutableRawBufferPointer(rebasing: piece[..<size])
        source.read(range, values)
        try output.write(UnsafeRawBufferPointer(values))
      }
    }
    return try output.finish()
  }

  private static func inFileOrder(_ sources: [TensorSource]) -> [TensorSource] {
    [8, 4, 2, 1].flatMap { size in sources.filter { $0.type.size == size } }
  }

  /// Assigns each tensor its range of bytes in the data, one after the other.
  private static func places(_ sources: [TensorSource]) -> [TensorInfo] {
    var names: Set<String> = []
    var end = 0
    return sources.map { source in
      precondition(names.insert(source.name).inserted, "\(source.name) is written twice")
      precondition(SafetensorsHeader.isName(source.name), "a tensor's name is reserved")
      let start = end
      end += TensorInfo.byteCount(source.shape, source.type)!
      return TensorInfo(
        name: source.name, type: source.type, shape: source.shape, bytes: start..<end)
    }
  }
}
