/// Where everything stands on a screen of a given size.
package struct Layout: Equatable, Sendable {
  package let header: Rect
  /// One panel with tabs above it, or all six.
  package let panels: [(panel: Panel, place: Rect)]
  package let footer: Rect
  /// Whether one panel alone is shown and its frame names the others.
  package var isTabbed: Bool { panels.count == 1 }

  /// The smallest screen that shows a run.
  package static let smallest = Size(60, 15)
  /// From here on all panels stand side by side.
  package static let roomy = Size(110, 34)

  /// Nil where the screen is too small.
  package init?(_ size: Size, panel: Panel, isExpanded: Bool) {
    guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else {
      return nil
    }
    header = Rect(x: 0, y: 0, width: size.width, height: 5)
    footer = Rect(x: 0, y: size.height - 2, width: size.width, height: 2)
    let body = Rect(
      x: 0, y: header.maxY, width: size.width, height: size.height - header.height - footer.height)
    let isRoomy = size.width >= Self.roomy.width && size.height >= Self.roomy.height
    if !isRoomy || isExpanded {
      panels = [(panel, body)]
      return
    }
    let left = body.width * 6 / 10
    let columns: [(x: Int, width: Int, rows: [(Panel, weight: Int, limit: Int)])] = [
      (0, left, [(.losses, 15, .max), (.schedules, 13, .max), (.log, 7, .max)]),
      (left, body.width - left, [(.throughput, 11, 14), (.health, 12, .max), (.probe, 12, .max)]),
    ]
    panels = columns.flatMap { column in
      let heights = shares(
        of: body.height, weights: column.rows.map(\.weight), limits: column.rows.map(\.limit))
      var y = body.y
      return zip(column.rows, heights).map { row, height in
        defer { y += height }
        return (row.0, Rect(x: column.x, y: y, width: column.width, height: height))
      }
    }
  }

  package static func == (a: Layout, b: Layout) -> Bool {
    a.header == b.header && a.footer == b.footer
      && a.panels.elementsEqual(b.panels) { $0.panel == $1.panel && $0.place == $1.place }
  }
}

/// A whole number divided by weights, nothing lost to rounding; what is over one's limit goes to
/// those after it. The last has none.
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
