import Glibc
import Support

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

  /// Appends bytes.
  func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    try write(UnsafeRawBufferPointer(memory))
  }

  /// Gives the file its final size, so that others can write what is missing. Returns the absolute path at
  /// which it is until then.
  func extend() throws(FileError) -> String {
    guard ftruncate(descriptor, off_t(size)) == 0 else {
      throw FileError(path, writing: size, errno: errno)
    }
    return FilePath.absolute(partial)
  }

  /// Flushes the file to the disk and renames it to its final name. Exactly `size` bytes have to be written
  /// by then: here, and by others in parts.
  func finish(_ others: [FilePart] = []) throws(FileError) -> FileRecord {
    let own = FilePart(offset: 0, size: written, checksum: checksum.text)
    let parts = ([own] + others).sorted { $0.offset < $1.offset }
    precondition(
      FilePart.cover(parts, size: size), "a file's size is known before it is written")
    guard fsync(descriptor) == 0 else { throw FileError(path, writing: size, errno: errno) }
    try FileSystem.move(partial, to: path)
    isFinished = true
    try FileSystem.flushFolder(FilePath.parent(of: path))
    return FileRecord(name: FilePath.name(of: path), size: size, parts: parts)
  }

  /// Writes a text as a whole file.
  static func write(_ text: String, to path: String) throws(FileError) -> FileRecord {
    let output = try FileOutput(path: path, size: text.utf8.count)
    try output.write(text.utf8)
    return try output.finish()
  }
}
