import Run

/// The positions of all parts of a screen.
package struct Layout: Equatable, Sendable {
  /// The position of the header.
  package let header: Rect
  /// The panels and their positions: one panel with tabs in its frame, or all.
  package let panels: [(panel: Panel, place: Rect)]
  /// The position of the footer.
  package let footer: Rect
  /// Whether one panel is shown alone, with the names of all in its frame.
  package var isTabbed: Bool { panels.count == 1 }

  /// The smallest screen that can show a run.
  package static let smallest = Size(60, 15)
  /// The smallest screen that shows all panels at once.
  package static let roomy = Size(110, 34)

  /// Computes the layout of a screen. `nil` if the screen is too small.
  package init?(_ size: Size, panel: Panel, isExpanded: Bool, kind: WorkKind? = nil) {
    guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else {
      return nil
    }
    // Where there is room, the header has a line on whether the run learns.
    header = Rect(x: 0, y: 0, width: size.width, height: kind == nil && size.height >= 24 ? 6 : 5)
    footer = Rect(x: 0, y: size.height - 2, width: size.width, height: 2)
    let body = Rect(
      x: 0, y: header.maxY, width: size.width, height: size.height - header.height - footer.height)
    let isRoomy = size.width >= Self.roomy.width && size.height >= Self.roomy.height
    if !isRoomy || isExpanded || panel.isAlwaysAlone {
      panels = [(panel, body)]
      return
    }
    let left = body.width * 6 / 10
    let rows = Self.rows(of: kind)
    let columns = [(0, left, rows.left), (left, body.width - left, rows.right)]
    panels = columns.flatMap { x, width, rows in
      let heights = shares(
        of: body.height, weights: rows.map(\.weight), limits: rows.map(\.limit))
      var y = body.y
      return zip(rows, heights).map { row, height in
        defer { y += height }
        return (row.panel, Rect(x: x, y: y, width: width, height: height))
      }
    }
  }

  /// Whether the frame of a panel has room for its own name among the tabs only, beside a note.
  static func hasNarrowTabs(_ panels: [Panel], width: Int) -> Bool {
    panels.reduce(0) { $0 + $1.title.columns + 3 } + 36 > width
  }

  private typealias Row = (panel: Panel, weight: Int, limit: Int)

  /// The panels of both columns, with the weights of their heights.
  private static func rows(of kind: WorkKind?) -> (left: [Row], right: [Row]) {
    guard kind == nil else {
      return ([(.stages, 15, 16), (.log, 15, .max)], [(.throughput, 1, .max)])
    }
    return (
      [(.losses, 15, .max), (.schedules, 13, .max), (.log, 7, .max)],
      [(.throughput, 11, 14), (.health, 12, .max), (.probe, 12, .max)]
    )
  }

  package static func == (a: Layout, b: Layout) -> Bool {
    a.header == b.header && a.footer == b.footer
      && a.panels.elementsEqual(b.panels) { $0.panel == $1.panel && $0.place == $1.place }
  }
}

/// Divides a whole number by weights without rounding loss. The part of a share above its limit
/// goes to the later ones. The last share's limit is ignored.
func shares(of total: Int, weights: [Int], limits: [Int]) -> [Int] {
  var (rest, weight) = (total, weights.reduce(0, +))
  return weights.indices.map { index in
    let isLast = index == weights.count - 1
    let share = isLast ? rest : min(rest * weights[index] / weight, limits[index])
    rest -= share
    weight -= weights[index]
    return share
  }
}
