import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The thumbnails of a pool, in the places of their images' numbers. One thread writes; others may
/// read what was written before.
package final class ThumbnailFile: @unchecked Sendable {
  private let path: String
  private let file: Int32

  /// Opens the file, and creates it if there is none.
  init(path: String) throws(FileError) {
    self.path = path
    file = FileSystem.open(path, O_RDWR | O_CREAT)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
  }

  deinit { close(file) }

  /// Writes the thumbnail of an image.
  func put(_ thumbnail: Thumbnail, of id: Int) throws(FileError) {
    let code = thumbnail.pixels.withUnsafeBytes {
      FileSystem.write($0, to: file, at: id * Thumbnail.bytes)
    }
    guard code == 0 else { throw FileError(path, writing: Thumbnail.bytes, errno: code) }
  }

  /// Returns the thumbnail of an image. Throws if it was never written.
  package func thumbnail(of id: Int) throws(FileError) -> Thumbnail {
    var code: Int32 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: Thumbnail.bytes) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(
        start: buffer.baseAddress, count: Thumbnail.bytes)
      (count, code) = FileSystem.read(file, at: id * Thumbnail.bytes, into: target)
    }
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    guard pixels.count == Thumbnail.bytes else {
      throw FileError(
        file: path, what: "ends before the thumbnail of image \(id)",
        remedy: "remove the pool's folder and curate again", cause: .damage)
    }
    return Thumbnail(pixels: pixels)
  }

  /// Makes what was written last after a power cut.
  func flush() throws(FileError) {
    guard fdatasync(file) == 0 else { throw FileError(path, cannot: "be flushed") }
  }
}
