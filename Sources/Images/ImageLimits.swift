/// What a file may ask for before any memory is taken for it.
///
/// A few kilobytes can declare a picture of terabytes; the size in the header is judged first.
package struct ImageLimits: Sendable {
  /// Width · height. The default is where PIL refuses, twice its `MAX_IMAGE_PIXELS`.
  package var pixels: Int
  /// Bytes of the file.
  package var bytes: Int

  package static let standard = ImageLimits()

  package init(pixels: Int = 178_956_970, bytes: Int = 512 << 20) {
    self.pixels = pixels
    self.bytes = bytes
  }

  func check(_ size: ImageSize, name: String) throws(ImageError) {
    let (count, overflow) = size.width.multipliedReportingOverflow(by: size.height)
    if overflow || count > pixels {
      throw ImageError(
        name,
        .tooLarge("\(size.width) × \(size.height) pixels, where \(pixels) in all are allowed"))
    }
  }

  func check(bytes count: Int, name: String) throws(ImageError) {
    if count > bytes {
      throw ImageError(name, .tooLarge("\(count) bytes, where \(bytes) are allowed"))
    }
  }
}

/// Width and height in pixels.
package struct ImageSize: Sendable, Equatable {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}
