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
      let count = pread(
        other.descriptor, piece.baseAddress, min(piece.count, other.size - offset), off_t(offset))
      if count > 0 {
        try append(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        offset += count
      } else if count == 0 || errno != EINTR {
        throw FileError(other.path, cannot: "be read back")
      }
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
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw FileError(path, writing: offset + bytes.count, errno: errno)
      }
    }
  }
}
