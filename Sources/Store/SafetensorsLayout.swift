import Support

/// Where the tensors of a safetensors file stand, before it is written.
///
/// Tensors with wider elements come first, and otherwise in the given order, so that each begins at a
/// multiple of its element size.
package struct SafetensorsLayout {
  /// The tensors in the order of their bytes.
  let sources: [TensorSource]
  let tensors: [TensorInfo]
  /// All bytes before the tensors': the header's length and the header.
  let head: [UInt8]

  /// The offset of the first tensor in the file.
  package var dataOffset: Int { head.count }
  /// The size of the file in bytes.
  package var size: Int { head.count + (tensors.last?.bytes.upperBound ?? 0) }

  /// Places tensors in a file. The names must be distinct, and none may be `__metadata__`. Throws if the
  /// header would be too large; `path` is for the message.
  init(
    _ sources: [TensorSource], metadata: [String: String], path: String
  ) throws(FileError) {
    self.sources = [8, 4, 2, 1].flatMap { size in sources.filter { $0.type.size == size } }
    tensors = Self.places(self.sources)
    let header = SafetensorsHeader(tensors: tensors, metadata: metadata).encoded
    guard header.count <= SafetensorsHeader.limit else {
      throw FileError(
        file: path, what: "would have a header of \(header.count) bytes, which no reader accepts",
        remedy: "write fewer tensors or less metadata")
    }
    head = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
  }

  /// The offset of a tensor in the file.
  package func offset(of name: String) -> Int {
    dataOffset + tensors.first { $0.name == name }!.bytes.lowerBound
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
