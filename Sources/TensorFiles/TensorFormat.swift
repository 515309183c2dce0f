import Store
import Support

/// The formats of files of tensors.
package enum TensorFormat {
  /// Opens a file of tensors, or the index of several. The format is detected from the first bytes,
  /// not from the name. Throws what a file is that holds no weights.
  package static func open(_ path: String) throws(FileError) -> any TensorFile {
    let input = try FileInput(path: path)
    let start = try start(of: input)
    if start.first == UInt8(ascii: "{"), !FileKind.isSafetensors(start, size: input.size) {
      return try ShardedFile(index: path, open: openOne)
    }
    return try openOne(path)
  }

  /// Opens a file of tensors that is no index.
  private static func openOne(_ path: String) throws(FileError) -> any TensorFile {
    let input = try FileInput(path: path)
    let start = try start(of: input)
    if start.starts(with: ZipArchive.magic) { return try PyTorchFile(path: path) }
    if start.starts(with: LegacyFile.magic) { return try PyTorchFile(legacy: path) }
    if let kind = FileKind(start, size: input.size) { throw kind.refused(path) }
    return try SafetensorsFile(path: path)
  }

  private static func start(of input: FileInput) throws(FileError) -> [UInt8] {
    var start = [UInt8](repeating: 0, count: min(input.size, FileKind.needed))
    try start.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      try input.read(at: 0, into: UnsafeMutableRawBufferPointer(target))
    }
    return start
  }
}
