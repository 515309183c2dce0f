import Glibc
import Support

/// Reads and writes whole files. Only regular files are read, so that neither a device nor a pipe
/// can block the reader.
enum ImageFile {
  /// Returns the first `most` bytes, by default all, and whether they are the whole file.
  static func read(
    _ path: String, limits: ImageLimits, most: Int = .max
  ) throws(ImageError) -> (bytes: [UInt8], isWhole: Bool) {
    let file = FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard file >= 0 else {
      throw ImageError(path, errno == ENOENT ? .missing : .unreadable(reason()))
    }
    defer { close(file) }
    let size = try size(of: file, path: path, limits: limits)
    let wanted = min(size, most)
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<wanted])
      (count, code) = FileSystem.read(file, into: target)
    }
    guard code == 0 else { throw ImageError(path, .unreadable(SystemReason.of(code))) }
    return (bytes, wanted == size)
  }

  static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
    let file = FileSystem.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    guard file >= 0 else { throw ImageError(path, .unwritable(reason())) }
    let code = bytes.withUnsafeBytes { FileSystem.write($0, to: file) }
    guard code == 0 else {
      close(file)
      throw ImageError(path, .unwritable(SystemReason.of(code)))
    }
    // Some file systems report a full disk only here.
    guard close(file) == 0 else { throw ImageError(path, .unwritable(reason())) }
  }

  private static func size(
    of file: Int32, path: String, limits: ImageLimits
  ) throws(ImageError) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw ImageError(path, .unreadable(reason())) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw ImageError(path, .notAFile("it is a folder"))
    default: throw ImageError(path, .notAFile("it is not a regular file"))
    }
    let size = Int(status.st_size)
    if size == 0 { throw ImageError(path, .empty) }
    try limits.check(bytes: size, name: path)
    return size
  }

  private static func reason() -> String { SystemReason.of() }
}
