/// A rectangle of pixels: columns left ..< left + width, rows top ..< top + height.
package struct ImageBox {
  package var left: Int
  package var top: Int
  package var width: Int
  package var height: Int

  var columns: Range<Int> { left..<left + width }
  var rows: Range<Int> { top..<top + height }

  /// Whether the box is not empty and lies within an image of a given size.
  func lies(in size: ImageSize) -> Bool {
    left >= 0 && top >= 0 && width > 0 && height > 0
      && width <= size.width - left && height <= size.height - top
  }
}
