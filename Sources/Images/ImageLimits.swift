/// Limits that are checked before memory is allocated for an image.
///
/// A file of a few kilobytes can declare an image of terabytes, so the size in the header is
/// checked first.
package struct ImageLimits: Sendable {
  /// The largest product of width and height. The default is PIL's, twice its `MAX_IMAGE_PIXELS`.
  package var pixels: Int
  /// The largest file, in bytes.
  package var bytes: Int

  /// The limits that apply unless a caller gives others.
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
        .tooLarge("\(size.width) × \(size.height) pixels; at most \(pixels) in all are allowed"))
    }
  }

  /// Checks the memory of all samples of an image, four bytes each.
  func check(_ size: ImageSize, samples: Int, name: String) throws(ImageError) {
    try check(size, name: name)
    let (bytes, overflow) = (4 * size.width * size.height).multipliedReportingOverflow(by: samples)
    try check(workspace: overflow ? .max : bytes, name: name)
  }

  /// Throws if a file has more bytes than are allowed.
  package func check(bytes count: Int, name: String) throws(ImageError) {
    if count > bytes {
      throw ImageError(name, .tooLarge("\(count) bytes; at most \(bytes) are allowed"))
    }
  }

  /// Checks the bytes that a decoder needs at a time, such as those of a strip: eight for each pixel
  /// that is allowed, which is RGB and alpha with 16 bits.
  func check(workspace count: Int, name: String) throws(ImageError) {
    let most = workspace
    if count > most {
      throw ImageError(
        name, .tooLarge("\(count) bytes have to be decoded at a time; at most \(most) are allowed"))
    }
  }

  /// The most bytes that a decoder may need at a time. A small image may be padded to a tile.
  var workspace: Int {
    let (most, overflow) = pixels.multipliedReportingOverflow(by: 8)
    return overflow ? .max : max(most, 1 << 20)
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
