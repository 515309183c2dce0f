import Glibc
import Support

/// A file that is open for reading at any offset.
///
/// The file is read rather than mapped: if another process truncates it, a read throws, whereas a
/// mapping would end the program with SIGBUS. Any thread may call.
package final class FileInput: Sendable {
  /// The path that the file was opened by.
  package let path: String
  /// The file's size in bytes when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a regular file.
  package init(path: String) throws(FileError) {
    descriptor = FileSystem.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    do throws(FileError) {
      let status = try FileStatus(of: descriptor, path: path)
      guard status.kind == .file else {
        throw FileError(
          file: path, what: "is not a regular file", remedy: "check the path", cause: .damage)
      }
      size = status.size
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
  }

  deinit { close(descriptor) }

  /// Fills `target` with the bytes that begin at `offset`.
  package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FileError) {
    let (count, code) = FileSystem.read(descriptor, into: target, at: offset)
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    guard count == target.count else {
      throw FileError(
        file: path, what: "ends early: no byte \(offset + count)",
        remedy: "it was cut short while it was read; copy or write it again", cause: .damage)
    }
  }

  /// Reads a whole file as UTF-8 text. Throws if it is larger than `limit` bytes.
  package static func text(of path: String, limit: Int) throws(FileError) -> String {
    let file = try FileInput(path: path)
    guard file.size <= limit else {
      throw FileError(
        file: path, what: "has \(file.size) bytes; at most \(limit) are allowed",
        remedy: "check that it is the right file", cause: .damage)
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.size, alignment: 1)
    defer { bytes.deallocate() }
    try file.read(at: 0, into: bytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(
        file: path, what: "is not UTF-8 text", remedy: "it is damaged", cause: .damage)
    }
    return text
  }

  /// Returns the parts of a file with their checksums, given their sizes, or `nil` if these are not all of
  /// the file.
  static func parts(_ sizes: [Int], of path: String) throws(FileError) -> [FilePart]? {
    let file = try FileInput(path: path)
    guard sizes.reduce(0, +) == file.size else { return nil }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { chunk.deallocate() }
    var (parts, offset): ([FilePart], Int) = ([], 0)
    for size in sizes {
      let checksum = Checksum()
      let first = offset
      while offset < first + size {
        let piece = UnsafeMutableRawBufferPointer(
          rebasing: chunk[..<min(chunk.count, first + size - offset)])
        try file.read(at: offset, into: piece)
        checksum.update(UnsafeRawBufferPointer(piece))
        offset += piece.count
      }
      parts.append(FilePart(offset: first, size: size, checksum: checksum.text))
    }
    return parts
  }
}
