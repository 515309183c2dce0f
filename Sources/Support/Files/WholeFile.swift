#if canImport(Glibc)
  import Glibc
#endif

/// Functions that read and write small files as a whole.
package enum WholeFile {
  /// Returns the bytes of a file. Throws if it has more than `limit` bytes or cannot be read.
  package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 12)
    var count = 0
    while true {
      let (got, code) = bytes.withUnsafeMutableBytes {
        FileSystem.read(file, into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
      }
      guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
      count += got
      guard count <= limit else {
        throw FileError(
          file: path, what: "is larger than \(Format.bytes(Double(limit)))",
          remedy: "check that it is the right file")
      }
      guard count == bytes.count else { return Array(bytes[..<count]) }
      bytes += repeatElement(0, count: bytes.count)
    }
  }

  /// Writes a text atomically: the file is either complete or unchanged, and on disk when this
  /// returns. The text is written to a temporary file, which is synced and renamed, and then the
  /// folder is synced. `mode` are the permissions of the file, less the process's mask.
  package static func write(
    _ text: String, to path: String, mode: mode_t = 0o666
  ) throws(FileError) {
    try write(bytes: Array(text.utf8), to: path, mode: mode)
  }

  /// Writes bytes as `write(_:to:)` writes a text.
  package static func write(
    bytes: [UInt8], to path: String, mode: mode_t = 0o666
  ) throws(FileError) {
    let beside = PartialPath.claim(path)
    let size = bytes.count
    let file = FileSystem.open(beside, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    guard file >= 0 else { throw FileError(path, writing: size, errno: errno) }
    var failure = bytes.withUnsafeBytes { FileSystem.write($0, to: file) }
    if failure == 0 && fsync(file) != 0 { failure = errno }
    if close(file) != 0 && failure == 0 { failure = errno }
    guard failure == 0 else {
      try? FileSystem.removeFile(beside)
      throw FileError(path, writing: size, errno: failure)
    }
    do throws(FileError) {
      try FileSystem.move(beside, to: path)
    } catch {
      try? FileSystem.removeFile(beside)
      throw error
    }
    try FileSystem.flushFolder(FilePath.parent(of: path))
  }
}
