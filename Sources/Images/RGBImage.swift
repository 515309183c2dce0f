/// An image in memory: red, green and blue with 8 bits a channel, rows from top to bottom.
package struct RGBImage: Sendable, Equatable {
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
}
