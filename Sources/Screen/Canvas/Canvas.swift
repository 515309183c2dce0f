import Support

/// A grid of cells into which all views draw, independent of the terminal.
///
/// Drawing outside the grid, or outside the region opened by `within`, is clipped and never an
/// error.
package struct Canvas: Equatable, Sendable {
  /// The size of the whole grid.
  package let size: Size
  /// The cells of the whole grid, row by row.
  package internal(set) var cells: [Cell]
  /// Pictures over cells, for terminals that show pixels.
  package private(set) var images: [CanvasImage] = []
  /// The region that may be drawn into. Its upper left corner is the origin of all coordinates.
  private var view: Rect

  /// Creates a grid of spaces.
  package init(_ size: Size) {
    self.size = Size(max(size.width, 0), max(size.height, 0))
    cells = Array(repeating: Cell(), count: self.size.width * self.size.height)
    view = Rect(self.size)
  }

  /// The size of the region that may be drawn into.
  package var width: Int { view.width }
  package var height: Int { view.height }

  /// The cell at a column and row of the whole grid.
  package subscript(x: Int, y: Int) -> Cell { cells[y * size.width + x] }

  /// Restricts drawing to a region of the current one. Coordinates start at its upper left corner,
  /// and everything else is clipped.
  package mutating func within(_ rect: Rect, _ body: (inout Canvas) -> Void) {
    let outer = view
    let inner = Rect(
      x: outer.x + rect.x, y: outer.y + rect.y, width: rect.width, height: rect.height)
    // A region that begins left of or above its parent would need a separate origin. None does.
    view = inner.intersection(outer)
    if !view.isEmpty { body(&self) }
    view = outer
  }

  /// Sets one cell.
  package mutating func put(_ glyph: Unicode.Scalar, x: Int, y: Int, _ style: Style) {
    guard x >= 0, y >= 0, x < view.width, y < view.height else { return }
    cells[(view.y + y) * size.width + view.x + x] = Cell(glyph, style)
  }

  /// Keeps all pixels [height, width, 3] of a picture that is drawn into cells of the region, unless some of them are
  /// clipped.
  package mutating func keep(_ pixels: [UInt8], width: Int, height: Int, at place: Rect) {
    guard place.intersection(Rect(x: 0, y: 0, width: view.width, height: view.height)) == place
    else { return }
    images.append(
      CanvasImage(
        place: Rect(
          x: view.x + place.x, y: view.y + place.y, width: place.width, height: place.height),
        width: width, height: height, pixels: pixels))
  }

  /// Returns the glyph at a position in the region, or a space outside it.
  package func glyph(x: Int, y: Int) -> Unicode.Scalar {
    guard x >= 0, y >= 0, x < view.width, y < view.height else { return " " }
    return self[view.x + x, view.y + y].glyph
  }

  /// Writes one line. Text wider than `width` is cut off with `…`. Returns the column after the
  /// text.
  @discardableResult
  package mutating func text(
    _ text: String, x: Int, y: Int, _ style: Style = Style(), width limit: Int = .max
  ) -> Int {
    let limit = min(limit, view.width - x)
    guard limit > 0 else { return x }
    let fits = text.columns <= limit
    var column = x
    let end = x + (fits ? limit : limit - 1)
    for scalar in text.unicodeScalars {
      let columns = scalar.columns
      guard columns > 0 else { continue }
      guard column + columns <= end else { break }
      put(scalar.isControl ? " " : scalar, x: column, y: y, style)
      if columns == 2 { put(Cell.continuation, x: column + 1, y: y, style) }
      column += columns
    }
    if !fits {
      put("…", x: column, y: y, style)
      column += 1
    }
    return column
  }

  /// Writes one line that ends before the column `maxX`. Returns the column where it starts.
  @discardableResult
  package mutating func text(
    _ text: String, endingAt maxX: Int, y: Int, _ style: Style = Style()
  ) -> Int {
    let x = max(maxX - text.columns, 0)
    self.text(text, x: x, y: y, style)
    return x
  }

  /// Writes pieces of text one after the other, each in its style. Returns the column after them.
  @discardableResult
  package mutating func text(_ pieces: [(String, Style)], x: Int, y: Int) -> Int {
    pieces.reduce(x) { text($1.0, x: $0, y: y, $1.1) }
  }

  /// Fills a rectangle with spaces.
  package mutating func fill(_ rect: Rect, _ style: Style) {
    let part = rect.intersection(Rect(x: 0, y: 0, width: view.width, height: view.height))
    guard !part.isEmpty else { return }
    for y in part.y..<part.maxY {
      for x in part.x..<part.maxX { put(" ", x: x, y: y, style) }
    }
  }

  /// The text of the grid, one string per row, without trailing spaces.
  package var rows: [String] {
    (0..<size.height).map { y in
      var row = String.UnicodeScalarView()
      for x in 0..<size.width where self[x, y].glyph != Cell.continuation {
        row.append(self[x, y].glyph)
      }
      while row.last == " " { row.removeLast() }
      return String(row)
    }
  }
}
