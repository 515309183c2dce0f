import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The thumbnails of a pool, in the places of their images' numbers. One thread writes; others may
/// read what was written before.
final class ThumbnailFile: @unchecked Sendable {
  private let path: String
  private let file: Int32

  /// Opens the file, and creates it if there is none.
  init(path: String) throws(FileError) {
    self.path = path
    file = FileSystem.open(path, O_RDWR | O_CREAT)
    guard file >= 0 else { throw FileError(path, cannot: "open") }
  }

  deinit { close(file) }

  /// Writes the thumbnail of an image.
  func put(_ thumbnail: Thumbnail, of id: Int) throws(FileError) {
    var done = 0
    while done < Thumbnail.bytes {
      let count = thumbnail.pixels.withUnsafeBytes {
        pwrite(file, $0.baseAddress! + done, $0.count - done, off_t(id * Thumbnail.bytes + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path, writing: Thumbnail.bytes, errno: errno) }
      done += count
    }
  }

  /// Returns the thumbnail of an image. Throws if it was never written.
  func thumbnail(of id: Int) throws(FileError) -> Thumbnail {
    var done = 0
    var code: Int32 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: Thumbnail.bytes) { buffer, count in
      while done < Thumbnail.bytes {
        let got = pread(
          file, buffer.baseAddress! + done, Thumbnail.bytes - done,
          off_t(id * Thumbnail.bytes + done))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          code = got < 0 ? errno : 0
          break
        }
        done += got
      }
      count = done
    }
    guard done == Thumbnail.bytes else {
      throw code == 0
        ? FileError(
          file: path, what: "ends before the thumbnail of image \(id)",
          remedy: "remove the pool's folder and curate again", cause: .damage)
        : FileError(path, cannot: "read", errno: code)
    }
    return Thumbnail(pixels: pixels)
  }

  /// Makes what was written last after a power cut.
  func flush() throws(FileError) {
    guard fdatasync(file) == 0 else { throw FileError(path, cannot: "write") }
  }
}
