import Support

/// Writes safetensors files.
package enum SafetensorsWriter {
  /// Writes tensors to a file that appears at `path` only when it is complete and flushed to the
  /// disk.
  ///
  /// They stand in the file as `SafetensorsLayout` places them. Any thread may call.
  @discardableResult
  package static func write(
    _ sources: [TensorSource], metadata: [String: String] = [:], to path: String
  ) throws(FileError) -> FileRecord {
    let layout = try SafetensorsLayout(sources, metadata: metadata, path: path)
    let output = try FileOutput(path: path, size: layout.size)
    try output.write(layout.head)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceCount * 8, alignment: 64)
    defer { piece.deallocate() }
    for (source, tensor) in zip(layout.sources, layout.tensors) {
      try forEachPiece(tensor.count) { (range) throws(FileError) in
        let size = range.count * tensor.type.size
        let values = UnsafeMutableRawBufferPointer(rebasing: piece[..<size])
        source.read(range, values)
        try output.write(UnsafeRawBufferPointer(values))
      }
    }
    return try output.finish()
  }

  /// Writes tensors to a file in the same way, but has their values written by others.
  ///
  /// - Parameter body: has the values written to the file at a path, by `FilePartsOutput` in any process,
  ///   and returns all parts that were written.
  static func write(
    _ sources: [TensorSource], metadata: [String: String], to path: String,
    body: (_ path: String, SafetensorsLayout) throws(FileError) -> [FilePart]
  ) throws(FileError) -> FileRecord {
    let layout = try SafetensorsLayout(sources, metadata: metadata, path: path)
    let output = try FileOutput(path: path, size: layout.size)
    try output.write(layout.head)
    return try output.finish(try body(output.extend(), layout))
  }
}
