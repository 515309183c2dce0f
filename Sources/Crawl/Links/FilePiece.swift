import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Parts of files.
enum FilePiece {
  /// Returns at most so many bytes of a file, from an offset on.
  static func read(_ path: String, at offset: Int, most: Int) throws(FileError) -> [UInt8] {
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(file) }
    let size = try FileStatus(of: file, path: path).size
    let count = max(0, min(most, size - offset))
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      (filled, code) = FileSystem.read(
        file, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    return bytes
  }
}
