/// An image in memory: red, green and blue with 8 bits a channel, rows from top to bottom.
package struct RGBImage: InputImage, Equatable {
  package let width: Int
  package let height: Int
  /// [height, width, 3]
  package var pixels: [UInt8]

  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  package var bytes: Int { pixels.count }

  /// The image itself.
  package func picture() -> RGBImage { self }
}

/// An image in memory that views and crops can be made of: `RGBImage`, or `SampleImage` with any
/// number of channels.
package protocol InputImage: Sendable {
  /// The width in pixels.
  var width: Int { get }
  /// The height in pixels.
  var height: Int { get }
  /// The bytes of memory that it takes.
  var bytes: Int { get }

  /// Resizes `box` to the size `target`, of which only the pixels in `window` are computed. Pixels
  /// outside the box have no influence.
  func resized(box: ImageBox, to target: ImageSize, window: ImageBox, filter: ResizeFilter) -> Self

  /// Writes (value − mean) / std of each channel, for values in 0 … 1, into `planes`,
  /// [channels, height, width].
  func normalised(mean: [Float], std: [Float], into planes: UnsafeMutableBufferPointer<Float>)

  /// Returns the image as a person looks at it.
  func picture() -> RGBImage
}

extension InputImage {
  /// Width and height in pixels.
  package var size: ImageSize { ImageSize(width: width, height: height) }

  /// Crops a box, which must lie within the image, and resizes it. Any thread may call.
  package func resizedCrop(
    left: Int, top: Int, width: Int, height: Int, toWidth: Int, toHeight: Int,
    filter: ResizeFilter = .bicubic
  ) -> Self {
    resized(
      box: ImageBox(left: left, top: top, width: width, height: height),
      to: ImageSize(width: toWidth, height: toHeight),
      window: ImageBox(left: 0, top: 0, width: toWidth, height: toHeight), filter: filter)
  }

  /// Returns the image at another size, like PIL's `resize(…)`.
  package func resized(
    toWidth: Int, toHeight: Int, filter: ResizeFilter = .bicubic
  ) -> Self {
    resizedCrop(
      left: 0, top: 0, width: width, height: height, toWidth: toWidth, toHeight: toHeight,
      filter: filter)
  }
}
