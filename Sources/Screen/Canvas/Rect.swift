/// A size in columns and rows of a terminal.
package struct Size: Equatable, Sendable {
  /// The number of columns and of rows.
  package var width: Int
  package var height: Int

  /// Creates a size.
  package init(_ width: Int, _ height: Int) {
    self.width = width
    self.height = height
  }
}

/// A rectangle in cells. The origin is the upper left corner.
package struct Rect: Equatable, Sendable {
  /// The column and row of the upper left cell.
  package var x: Int
  package var y: Int
  /// The number of columns and of rows, not negative.
  package var width: Int
  package var height: Int

  /// Creates a rectangle. A negative width or height becomes 0.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(width, 0)
    self.height = max(height, 0)
  }

  /// Creates a rectangle of the given size at the origin.
  package init(_ size: Size) { self.init(x: 0, y: 0, width: size.width, height: size.height) }

  /// The column right of the rectangle and the row below it.
  package var maxX: Int { x + width }
  package var maxY: Int { y + height }
  /// Whether the rectangle contains no cell.
  package var isEmpty: Bool { width == 0 || height == 0 }

  /// Returns the region that both rectangles contain, empty if there is none.
  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// Returns the rectangle reduced by the given number of cells at each side.
  package func inset(_ horizontal: Int, _ vertical: Int) -> Rect {
    Rect(
      x: x + horizontal, y: y + vertical, width: width - 2 * horizontal,
      height: height - 2 * vertical)
  }

  /// Returns a rectangle of the given size in the middle, no larger than this one.
  package func centred(_ size: Size) -> Rect {
    let fitted = Size(min(size.width, width), min(size.height, height))
    return Rect(
      x: x + (width - fitted.width) / 2, y: y + (height - fitted.height) / 2,
      width: fitted.width, height: fitted.height)
  }
}
