import Support

extension ConfusionMatrix {
  /// Draws the matrix as an SVG picture: a row for each true class, shaded by the share of its
  /// images that were predicted as each class, with percentages for up to 40 classes. Correct
  /// predictions are blue, wrong ones orange.
  package func svg(title: String) -> String {
    let layout = ConfusionLayout(classes)
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(layout.width) \(layout.height)" \
      width="\(layout.width)" height="\(layout.height)" \
      font-family="system-ui, sans-serif" font-size="\(layout.font)" fill="#222">
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(layout.left)" y="\(layout.titleLine)" font-size="14">\(title.xmlEscaped)</text>
      """
    ]
    for row in classes.indices {
      parts.append(
        layout.text(
          classes[row], x: layout.left - 6, y: layout.middle(row), anchor: "end", turned: false))
      parts.append(
        layout.text(
          classes[row], x: layout.centre(row), y: layout.top - 6, anchor: "start", turned: true))
      parts += cells(row, layout)
    }
    parts.append(
      "<text x=\"\(layout.left)\" y=\"\(layout.footLine)\" font-size=\"11\" fill=\"#666\">"
        + "rows: true class; columns: predicted; per cent of the row</text>")
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func cells(_ row: Int, _ layout: ConfusionLayout) -> [String] {
    let total = totals[row]
    return classes.indices.compactMap { column in
      guard counts[row][column] > 0 else { return nil }
      let share = Double(counts[row][column]) / Double(total)
      let (x, y) = (layout.left + column * layout.cell, layout.top + row * layout.cell)
      // Mistakes are rare; the square root makes small shares visible.
      let opacity = (row == column ? share : share.squareRoot()) * 0.9 + 0.05
      let cell =
        "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(layout.cell)\" height=\"\(layout.cell)\" "
        + "fill=\"\(row == column ? "#1f5fa8" : "#d9662b")\" "
        + "fill-opacity=\"\(Format.shortDecimals(opacity, 3))\"><title>"
        + "\(classes[row]) taken for \(classes[column]): \(counts[row][column])".xmlEscaped
        + "</title></rect>"
      guard layout.hasNumbers else { return cell }
      let colour = opacity > 0.55 ? "#fff" : "#222"
      return cell
        + "<text x=\"\(layout.centre(column))\" y=\"\(layout.middle(row))\" "
        + "text-anchor=\"middle\" fill=\"\(colour)\">\(Format.decimals(100 * share, 0))</text>"
    }
  }
}

/// The geometry of the picture.
private struct ConfusionLayout {
  let cell: Int
  let font: Int
  let left: Int
  let top: Int
  let width: Int
  let height: Int
  let titleLine = 22
  let footLine: Int
  let hasNumbers: Bool

  init(_ classes: [String]) {
    hasNumbers = classes.count <= 40
    cell = hasNumbers ? 32 : 12
    font = hasNumbers ? 12 : 8
    let longest = min(classes.map(\.count).max() ?? 0, Self.most)
    let margin = 16 + longest * (font * 6 / 10 + 1)
    left = margin
    // Names above the columns are turned by 60°.
    top = titleLine + 16 + margin * 9 / 10
    width = left + classes.count * cell + margin / 2 + 16
    footLine = top + classes.count * cell + 20
    height = footLine + 12
  }

  /// The most characters of a name that are shown.
  private static let most = 24

  func centre(_ column: Int) -> Int { left + column * cell + cell / 2 }
  func middle(_ row: Int) -> Int { top + row * cell + cell / 2 + font / 3 }

  func text(_ name: String, x: Int, y: Int, anchor: String, turned: Bool) -> String {
    let shown = name.count > Self.most ? name.prefix(Self.most - 1) + "…" : name[...]
    let turn = turned ? " transform=\"rotate(-60 \(x) \(y))\"" : ""
    return "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\"\(turn)>"
      + String(shown).xmlEscaped + "</text>"
  }
}
