import Glibc
import Support

/// A file that grows at its end and appears under its name only when it is complete and flushed to
/// the disk. Nothing of it is left if it is not finished.
final class AppendOnlyFile {
  let path: String
  private let partial: String
  private let descriptor: Int32
  private(set) var size = 0
  private var isFinished = false

  /// Creates the file. Throws if one exists at `path`.
  init(path: String) throws(FileError) {
    guard !FileSystem.exists(path) else {
      throw FileError(
        file: path, what: "already exists", remedy: "choose another name or remove it first")
    }
    self.path = path
    partial = PartialPath.claim(path)
    descriptor = FileSystem.open(partial, O_RDWR | O_CREAT | O_TRUNC)
    guard descriptor >= 0 else { throw FileError(path, writing: 0, errno: errno) }
  }

  deinit {
    close(descriptor)
    if !isFinished { try? FileSystem.removeFile(partial) }
  }

  /// Appends bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try write(bytes, at: size)
    size += bytes.count
  }

  /// Overwrites bytes that were appended before.
  func overwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    precondition(offset + bytes.count <= size)
    try write(bytes, at: offset)
  }

  /// Appends the contents of another file.
  func append(contentsOf other: AppendOnlyFile) throws(FileError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    var offset = 0
    while offset < other.size {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: piece[..<min(piece.count, other.size - offset)])
      let (count, code) = FileSystem.read(other.descriptor, into: part, at: offset)
      guard count == part.count else {
        throw FileError(other.path, cannot: "be read back", errno: code == 0 ? EIO : code)
      }
      try append(UnsafeRawBufferPointer(part))
      offset += count
    }
  }

  /// Flushes the file to the disk and renames it to its final name.
  func finish() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path, writing: size, errno: errno) }
    try FileSystem.move(partial, to: path)
    isFinished = true
    try FileSystem.flushFolder(FilePath.parent(of: path))
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    let code = FileSystem.write(bytes, to: descriptor, at: offset)
    guard code == 0 else { throw FileError(path, writing: offset + bytes.count, errno: code) }
  }
}
