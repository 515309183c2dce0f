extension Canvas {
  /// A gauge from left to right in eighths of a cell; `fraction` is cut to 0 … 1.
  package mutating func gauge(
    _ fraction: Double, x: Int, y: Int, width: Int, _ role: Role = .bar
  ) {
    guard width > 0 else { return }
    let part = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let eighths = Int((part * Double(width * 8)).rounded())
    for column in 0..<width {
      let filled = min(max(eighths - column * 8, 0), 8)
      // The track is drawn in its own colour: seen as a tint, and as a pattern without colour.
      let style = Style(filled == 0 ? .barBackground : role, on: .barBackground)
      put(filled == 0 ? "░" : Self.leftEighths[filled], x: x + column, y: y, style)
    }
  }

  /// A thin gauge for the lines of a panel.
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

  /// A bar of several parts, each as long as its share; a letter tells them apart without colour.
  package mutating func stackedBar(
    _ parts: [(share: Double, role: Role, letter: Unicode.Scalar)], x: Int, y: Int, width: Int
  ) {
    let total = parts.reduce(0) { $0 + max($1.share, 0) }
    guard width > 0, total > 0 else { return }
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
      // Half a cell of the part before: an edge that is seen without colour too.
      if let before { put("▌", x: x + start, y: y, Style(before, on: part.role)) }
      before = part.role
      guard end - start >= 3 else { continue }
      put(part.letter, x: x + (start + end) / 2, y: y, Style(.background, on: part.role))
    }
  }

  /// Values as a row of upright bars between their lowest and highest, the newest at the right. The
  /// highest leaves an eighth of its cell, so that rows one below the other stay apart.
  package mutating func sparkline(
    _ values: [Double], x: Int, y: Int, width: Int, _ role: Role = .spark
  ) {
    guard width > 0, let axis = Axis(holding: values) else { return }
    let finite = values.filter(\.isFinite)
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
