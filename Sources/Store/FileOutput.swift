import Glibc
import Support

/// A file's entry in a manifest.
package struct FileRecord: Codable, Sendable, Equatable {
  /// The file's name within its folder.
  package let name: String
  /// The file's size in bytes.
  package let size: Int
  /// `xxh3-128:` and 32 hexadecimal digits.
  package let checksum: String
}

/// A file that is written sequentially and appears under its name only when it is complete and
/// flushed to the disk. A write that fails or is abandoned leaves nothing behind.
final class FileOutput {
  private let path: String
  /// The final size in bytes. Error messages quote it when the disk is full.
  private let size: Int
  private let partial: String
  private let descriptor: Int32
  private let checksum = Checksum()
  private var written = 0
  private var isFinished = false

  init(path: String, size: Int) throws(FileError) {
    self.path = path
    self.size = size
    partial = "\(path).partial-\(getpid())"
    descriptor = FileSystem.open(partial, O_WRONLY | O_CREAT | O_TRUNC)
    guard descriptor >= 0 else { throw FileError(path, writing: size, errno: errno) }
  }

  deinit {
    close(descriptor)
    if !isFinished { try? FileSystem.removeFile(partial) }
  }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    checksum.update(bytes)
    let code = FileSystem.write(bytes, to: descriptor)
    guard code == 0 else { throw FileError(path, writing: size, errno: code) }
    written += bytes.count
  }

  /// Flushes the file to the disk and renames it to its final name.
  /// Exactly `size` bytes have to be written by then.
  func finish() throws(FileError) -> FileRecord {
    precondition(written == size, "a file's size is known before it is written")
    guard fsync(descriptor) == 0 else { throw FileError(path, writing: size, errno: errno) }
    try FileSystem.move(partial, to: path)
    isFinished = true
    try FileSystem.flushFolder(FilePath.parent(of: path))
    return FileRecord(name: FilePath.name(of: path), size: size, checksum: checksum.text)
  }

  /// Writes a text as a whole file.
  static func write(_ text: String, to path: String) throws(FileError) -> FileRecord {
    let output = try FileOutput(path: path, size: text.utf8.count)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: text.utf8)
    try output.write(UnsafeRawBufferPointer(bytes))
    return try output.finish()
  }
}
