extension Canvas {
  /// Draws a horizontal gauge with a resolution of an eighth of a cell. `fraction` is clamped to
  /// 0…1.
  package mutating func gauge(
    _ fraction: Double, x: Int, y: Int, width: Int, _ role: Role = .bar
  ) {
    guard width > 0 else { return }
    let part = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let eighths = Int((part * Double(width * 8)).rounded())
    for column in 0..<width {
      let filled = min(max(eighths - column * 8, 0), 8)
      // The track has its own role as foreground and background: a tint in colour, a pattern
      // otherwise.
      let style = Style(filled == 0 ? .barBackground : role, on: .barBackground)
      put(filled == 0 ? "░" : Self.leftEighths[filled], x: x + column, y: y, style)
    }
  }

  /// Draws a thin gauge for a line of a panel. `fraction` is clamped to 0…1.
  package mutating func meter(
    _ fraction: Double, x: Int, y: Int, width: Int, _ role: Role = .bar
  ) {
    let part = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let filled = Int((part * Double(width)).rounded())
    for column in 0..<max(width, 0) {
      let isFilled = column < filled
      put(
        isFilled ? "━" : "─", x: x + column, y: y, Style(isFilled ? role : .barBackground))
    }
  }

  /// Draws a bar of several parts in proportion to their shares, if their sum is finite. Letters identify the parts on
  /// terminals without colours.
  package mutating func stackedBar(
    _ parts: [(share: Double, role: Role, letter: Unicode.Scalar)], x: Int, y: Int, width: Int
  ) {
    let total = parts.reduce(0) { $0 + max($1.share, 0) }
    guard width > 0, total > 0, total.isFinite else { return }
    var done = 0.0
    var before: Role?
    for part in parts {
      let start = Int((done / total * Double(width)).rounded())
      done += max(part.share, 0)
      let end = Int((done / total * Double(width)).rounded())
      guard end > start else { continue }
      for column in start..<end {
        put("█", x: x + column, y: y, Style(part.role, on: part.role))
      }
      // Half a cell of the previous part makes the edge visible without colours too.
      if let before { put("▌", x: x + start, y: y, Style(before, on: part.role)) }
      before = part.role
      guard end - start >= 3 else { continue }
      put(part.letter, x: x + (start + end) / 2, y: y, Style(.background, on: part.role))
    }
  }

  /// Draws values as a row of vertical bars, scaled from the lowest to the highest, with the newest
  /// at the right.
  /// The highest bar leaves an eighth of its cell free, to separate it from the row above.
  package mutating func sparkline(
    _ values: [Double], x: Int, y: Int, width: Int, _ role: Role = .spark
  ) {
    guard width > 0, let axis = Axis(holding: values) else { return }
    let finite = values.allSatisfy(\.isFinite) ? values : values.filter(\.isFinite)
    let columns = min(width, finite.count)
    for column in 0..<columns {
      let part = finite[column * finite.count / columns..<(column + 1) * finite.count / columns]
      let mean = part.reduce(0, +) / Double(part.count)
      let level = min(max(Int((axis.position(mean) ?? 0) * 7), 0), 6)
      put(Self.lowerEighths[level], x: x + width - columns + column, y: y, Style(role))
    }
  }

  private static let leftEighths: [Unicode.Scalar] = ["░", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
  private static let lowerEighths: [Unicode.Scalar] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"]
}
