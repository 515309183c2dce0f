/// Dots of 2 × 4 a cell, drawn as braille patterns. A cell has one colour: that of the last dot.
package struct BrailleGrid: Sendable {
  package let columns: Int
  package let rows: Int
  private var cells: [(dots: UInt8, role: Role)]

  package init(columns: Int, rows: Int) {
    self.columns = max(columns, 0)
    self.rows = max(rows, 0)
    cells = Array(repeating: (0, .text), count: self.columns * self.rows)
  }

  /// Dots across and down.
  package var width: Int { columns * 2 }
  package var height: Int { rows * 4 }

  /// Sets a dot, counted from the upper left; outside the grid nothing happens.
  package mutating func dot(x: Int, y: Int, _ role: Role) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let index = y / 4 * columns + x / 2
    cells[index].dots |= Self.bit[x % 2][y % 4]
    cells[index].role = role
  }

  /// A line between two dots, both included; its ends lie inside the grid.
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

  /// The pattern of a cell, a space where it has no dot.
  package func glyph(column: Int, row: Int) -> Unicode.Scalar {
    let dots = cells[row * columns + column].dots
    return dots == 0 ? " " : Unicode.Scalar(0x2800 + UInt32(dots))!
  }

  /// Draws the cells that have dots with their upper left corner at a place of the canvas.
  package func draw(on canvas: inout Canvas, x: Int, y: Int) {
    for row in 0..<rows {
      for column in 0..<columns where cells[row * columns + column].dots != 0 {
        canvas.put(
          glyph(column: column, row: row), x: x + column, y: y + row,
          Style(cells[row * columns + column].role))
      }
    }
  }

  /// Unicode's numbering of the dots: down the left column, down the right one, then the last row.
  private static let bit: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
}
