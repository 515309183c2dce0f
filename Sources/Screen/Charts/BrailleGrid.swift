/// A grid of 2 × 4 dots per cell, drawn as braille patterns. A cell has the colour of its last dot.
package struct BrailleGrid: Sendable {
  /// The number of cells across and down.
  package let columns: Int
  package let rows: Int
  private var cells: [(dots: UInt8, role: Role)]

  /// Creates an empty grid.
  package init(columns: Int, rows: Int) {
    self.columns = max(columns, 0)
    self.rows = max(rows, 0)
    cells = Array(repeating: (0, .text), count: self.columns * self.rows)
  }

  /// The number of dots across and down.
  package var width: Int { columns * 2 }
  package var height: Int { rows * 4 }

  /// Sets a dot, counted from the upper left. Dots outside the grid are ignored.
  package mutating func dot(x: Int, y: Int, _ role: Role) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let index = y / 4 * columns + x / 2
    cells[index].dots |= Self.bit[x % 2][y % 4]
    cells[index].role = role
  }

  /// Draws a line between two dots, both included, which must be inside the grid.
  package mutating func line(x0: Int, y0: Int, x1: Int, y1: Int, _ role: Role) {
    let steps = max(abs(x1 - x0), abs(y1 - y0))
    guard steps > 0 else { return dot(x: x0, y: y0, role) }
    for step in 0...steps {
      let part = Double(step) / Double(steps)
      dot(
        x: x0 + Int((Double(x1 - x0) * part).rounded()),
        y: y0 + Int((Double(y1 - y0) * part).rounded()), role)
    }
  }

  /// Returns the pattern of a cell, or a space if it has no dots.
  package func glyph(column: Int, row: Int) -> Unicode.Scalar {
    let dots = cells[row * columns + column].dots
    return dots == 0 ? " " : Unicode.Scalar(0x2800 + UInt32(dots))!
  }

  /// Draws the cells that have dots. `x` and `y` are the position of the grid's upper left corner.
  package func draw(on canvas: inout Canvas, x: Int, y: Int) {
    for row in 0..<rows {
      for column in 0..<columns where cells[row * columns + column].dots != 0 {
        canvas.put(
          glyph(column: column, row: row), x: x + column, y: y + row,
          Style(cells[row * columns + column].role))
      }
    }
  }

  /// Unicode's order of the dots: the left column, the right column, then the bottom row.
  private static let bit: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
}
