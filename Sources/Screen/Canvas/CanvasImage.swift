/// A picture with all its pixels, over the cells that show it coarsely. Terminals that can show pixels are given these.
package struct CanvasImage: Equatable, Sendable {
  /// The cells, in the whole grid.
  package let place: Rect
  package let width: Int
  package let height: Int
  /// [height, width, 3], red, green and blue.
  package let pixels: [UInt8]

  /// - Parameter pixels: [height, width, 3]
  package init(place: Rect, width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3)
    (self.place, self.width, self.height, self.pixels) = (place, width, height, pixels)
  }
}
