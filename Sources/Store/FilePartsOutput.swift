import Glibc
import Support

/// Writes parts of a file that another process has made, and of which others write other parts.
package final class FilePartsOutput {
  private let path: String
  private let descriptor: Int32
  private var parts: [FilePart] = []
  /// The part that is being written.
  private var open: (offset: Int, size: Int, checksum: ChecksumBox)?

  private final class ChecksumBox {
    let value = Checksum()
  }

  /// Opens the file.
  package init(path: String) throws(FileError) {
    self.path = path
    descriptor = FileSystem.open(path, O_WRONLY)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
  }

  deinit { close(descriptor) }

  /// Whether this process can write to a file.
  package static func canWrite(to path: String) -> Bool {
    let file = FileSystem.open(path, O_WRONLY)
    if file >= 0 { close(file) }
    return file >= 0
  }

  /// Writes bytes at an offset. What follows on the bytes before belongs to the same part.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    let code = add(bytes, at: offset)
    guard code == 0 else { throw FileError(path, writing: bytes.count, errno: code) }
  }

  /// Writes numbers at an offset.
  package func write(_ values: [Float], at offset: Int) throws(FileError) {
    let code = values.withUnsafeBytes { add($0, at: offset) }
    guard code == 0 else { throw FileError(path, writing: values.count * 4, errno: code) }
  }

  /// Returns 0, or the `errno` of the call that failed.
  private func add(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
    let code = FileSystem.write(bytes, to: descriptor, at: offset)
    guard code == 0 else { return code }
    if let open, open.offset + open.size != offset { endPart() }
    var part = open ?? (offset, 0, ChecksumBox())
    part.checksum.value.update(bytes)
    part.size += bytes.count
    open = part
    return 0
  }

  /// Flushes what was written to the disk, and returns it.
  package func finish() throws(FileError) -> [FilePart] {
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be written") }
    endPart()
    return parts
  }

  private func endPart() {
    guard let part = open else { return }
    parts.append(
      FilePart(offset: part.offset, size: part.size, checksum: part.checksum.value.text))
    open = nil
  }
}
