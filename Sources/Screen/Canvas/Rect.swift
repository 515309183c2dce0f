/// Columns and rows of a terminal.
package struct Size: Equatable, Sendable {
  package var width: Int
  package var height: Int

  package init(_ width: Int, _ height: Int) {
    self.width = width
    self.height = height
  }
}

/// A part of the screen, in cells; the origin is the upper left corner.
package struct Rect: Equatable, Sendable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(width, 0)
    self.height = max(height, 0)
  }

  package init(_ size: Size) { self.init(x: 0, y: 0, width: size.width, height: size.height) }

  package var maxX: Int { x + width }
  package var maxY: Int { y + height }
  package var isEmpty: Bool { width == 0 || height == 0 }

  /// What both have in common; empty where nothing is.
  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// Smaller by the given cells at each side.
  package func inset(_ horizontal: Int, _ vertical: Int) -> Rect {
    Rect(
      x: x + horizontal, y: y + vertical, width: width - 2 * horizontal,
      height: height - 2 * vertical)
  }

  /// A part of the given size in the middle, no larger than the whole.
  package func centred(_ size: Size) -> Rect {
    let fitted = Size(min(size.width, width), min(size.height, height))
    return Rect(
      x: x + (width - fitted.width) / 2, y: y + (height - fitted.height) / 2,
      width: fitted.width, height: fitted.height)
  }
}
