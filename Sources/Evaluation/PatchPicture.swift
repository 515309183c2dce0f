import Images

/// Draws the colours of patches.
package enum PatchPicture {
  /// Draws each patch of an image as a square of its colour and the background black.
  ///
  /// - Parameter patch: the side of a square, in pixels.
  package static func paint(
    _ colours: ArraySlice<SIMD3<Float>?>, columns: Int, patch: Int
  ) -> RGBImage {
    let rows = colours.count / columns
    let width = columns * patch
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * rows * patch * width)
    for row in 0..<rows {
      var line: [UInt8] = []
      for column in 0..<columns {
        let colour = colours[colours.startIndex + row * columns + column] ?? .zero
        let levels = (0..<3).map { UInt8((min(max(colour[$0], 0), 1) * 255).rounded()) }
        for _ in 0..<patch { line += levels }
      }
      for _ in 0..<patch { pixels += line }
    }
    return RGBImage(width: width, height: rows * patch, pixels: pixels)
  }

  /// Places two pictures of the same height side by side.
  package static func beside(_ left: RGBImage, _ right: RGBImage) -> RGBImage {
    precondition(left.height == right.height)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(left.pixels.count + right.pixels.count)
    for y in 0..<left.height {
      for image in [left, right] {
        pixels += image.pixels[y * image.width * 3..<(y + 1) * image.width * 3]
      }
    }
    return RGBImage(width: left.width + right.width, height: left.height, pixels: pixels)
  }

  /// Arranges pictures of the same size on a sheet, row by row.
  ///
  /// - Parameters:
  ///   - gap: the pixels between pictures.
  ///   - shade: of what they do not cover, by default white.
  package static func contactSheet(
    _ images: [RGBImage], columns: Int, gap: Int = 0, shade: UInt8 = 255
  ) -> RGBImage {
    let (width, height) = (images[0].width, images[0].height)
    let rows = (images.count + columns - 1) / columns
    let sheet = (width: columns * (width + gap) - gap, height: rows * (height + gap) - gap)
    var pixels = [UInt8](repeating: shade, count: 3 * sheet.width * sheet.height)
    for (number, image) in images.enumerated() {
      let left = number % columns * (width + gap)
      let top = number / columns * (height + gap)
      for y in 0..<height {
        let line = image.pixels[y * width * 3..<(y + 1) * width * 3]
        let start = ((top + y) * sheet.width + left) * 3
        pixels.replaceSubrange(start..<start + width * 3, with: line)
      }
    }
    return RGBImage(width: sheet.width, height: sheet.height, pixels: pixels)
  }
}
