import Support

#if canImport(Glibc)
  import Glibc
#endif

/// What is kept of each image in a record of a fixed size.
package protocol ImageRecord {
  /// The size of a record, in bytes.
  static var bytes: Int { get }
  /// The record, of that size.
  var encoded: [UInt8] { get }
  /// Reads a record of that size, which may be damaged.
  init(encoded: [UInt8])
}

/// Records of a pool's images, in the places of the images' numbers. One thread writes; others may
/// read what was written before.
package final class RecordFile<Record: ImageRecord>: @unchecked Sendable {
  private let path: String
  private let file: Int32

  /// The bytes of a place: a mark, because a hole in the file is no record, and the record.
  private static var placeBytes: Int { 1 + Record.bytes }

  /// Opens the file, and creates it if there is none.
  package init(path: String) throws(FileError) {
    self.path = path
    file = FileSystem.open(path, O_RDWR | O_CREAT)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
  }

  deinit { close(file) }

  /// Whether the record of an image was written.
  package func has(_ id: Int) -> Bool {
    var mark: UInt8 = 0
    return pread(file, &mark, 1, off_t(id * Self.placeBytes)) == 1 && mark == 1
  }

  /// Writes the record of an image.
  package func put(_ record: Record, of id: Int) throws(FileError) {
    let bytes = [1] + record.encoded
    let code = bytes.withUnsafeBytes { FileSystem.write($0, to: file, at: id * Self.placeBytes) }
    guard code == 0 else { throw FileError(path, writing: bytes.count, errno: code) }
  }

  /// Returns the record of an image; `nil` if it was never written.
  package func record(of id: Int) throws(FileError) -> Record? {
    var bytes = [UInt8](repeating: 0, count: Self.placeBytes)
    let (count, code) = bytes.withUnsafeMutableBytes {
      FileSystem.read(file, into: $0, at: id * Self.placeBytes)
    }
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    guard count == Self.placeBytes, bytes[0] == 1 else { return nil }
    return Record(encoded: Array(bytes.dropFirst()))
  }

  /// Makes what was written last after a power cut.
  func flush() throws(FileError) {
    guard fdatasync(file) == 0 else { throw FileError(path, cannot: "be flushed") }
  }
}
