import Support

/// A table as text for a terminal. Each column is as wide as its widest cell, and no line has
/// trailing spaces.
package struct TextTable {
  /// The alignment of a column. Numbers are aligned to the right.
  package enum Side: Sendable { case left, right }

  /// The lines, without a line break at the end.
  package let text: String

  /// Formats rows of cells.
  ///
  /// - Parameters:
  ///   - sides: the alignment of each column.
  ///   - rows: rows with one cell for each column.
  ///   - indent: the number of spaces before each line.
  ///   - gap: the number of spaces between columns.
  package init(_ sides: [Side], _ rows: [[String]], indent: Int = 0, gap: Int = 2) {
    precondition(rows.allSatisfy { $0.count == sides.count })
    let widths = sides.indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
    let space = String(repeating: " ", count: gap)
    text = rows.map { row in
      let cells = row.indices.map { row[$0].padded(widths[$0], right: sides[$0] == .right) }
      return String(repeating: " ", count: indent) + cells.joined(separator: space)
    }.map(\.trimmedEnd).joined(separator: "\n")
  }

  /// Formats columns under headings.
  package init(_ headings: [(title: String, side: Side)], _ rows: [[String]]) {
    self.init(headings.map(\.side), [headings.map(\.title)] + rows)
  }

  /// Formats an indented list of names and their descriptions.
  package init(pairs: [(String, String)]) {
    self.init([.left, .left], pairs.map { [$0.0, $0.1] }, indent: 2, gap: 3)
  }
}
