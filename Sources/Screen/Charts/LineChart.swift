import Support

/// A curve of a chart.
package struct Series: Sendable {
  /// The points in ascending order of x.
  package var points: [Point]
  /// The role that determines the colour.
  package var role: Role
  /// The text at the curve's end, right of the plot: name and value.
  package var label: String?

  /// Creates a curve.
  package init(_ points: [Point], _ role: Role, label: String? = nil) {
    self.points = points
    self.role = role
    self.label = label
  }
}

/// A vertical line that marks an event.
package struct Mark: Equatable, Sendable {
  /// The position on the x axis.
  package var x: Double
  /// The glyph at the top of the line.
  package var glyph: Unicode.Scalar
  /// The role that determines the glyph's colour.
  package var role: Role

  /// Creates a mark.
  package init(x: Double, glyph: Unicode.Scalar, role: Role = .marker) {
    self.x = x
    self.glyph = glyph
    self.role = role
  }
}

/// A chart of curves over steps, drawn in braille with labelled axes. Later curves cover earlier
/// ones.
package struct LineChart: Sendable {
  /// The curves.
  package var series: [Series]
  /// The events to mark.
  package var marks: [Mark] = []
  /// The position of the cursor; `nil` if there is none.
  package var cursor: Double?
  /// The axis of steps.
  package var x: Axis
  /// The axis of values. If it is `nil`, it is derived from the data.
  package var y: Axis?
  /// The scale of a derived axis of values.
  package var scale: Axis.Scale = .linear
  /// Formats a tick of the y axis from its value and the distance between ticks.
  package var label: @Sendable (Double, Double) -> String = Format.tick
  /// The text shown if there is nothing to draw.
  package var empty = "no data yet"

  /// Creates a chart with the given curves and x axis.
  package init(series: [Series], x: Axis) {
    self.series = series
    self.x = x
  }

  /// Draws the chart into the canvas's current region.
  package func draw(on canvas: inout Canvas) {
    guard canvas.width >= 8, canvas.height >= 3 else { return }
    let range = valueRange()
    guard let range, let y = y ?? Axis(around: range.low, range.high, scale: scale) else {
      let text = range == nil ? empty : "nothing above zero to show on a log scale"
      canvas.text(
        text, x: max((canvas.width - text.columns) / 2, 0), y: canvas.height / 2, Style(.dim))
      return
    }
    let rows = canvas.height - 1
    let ticks = y.ticks(atMost: max(2, min(rows / 2, 7)))
    let labels = ticks.values.map { label($0, ticks.step ?? $0) }
    let left = labels.map(\.columns).max() ?? 0
    let right = series.compactMap { $0.label.map { $0.columns + 1 } }.max() ?? 0
    let plot = Rect(x: left, y: 0, width: canvas.width - left - right, height: rows)
    guard plot.width >= 4 else { return }
    drawScale(on: &canvas, plot, y, Array(zip(ticks.values, labels)))
    drawSteps(on: &canvas, plot)
    drawMarks(on: &canvas, plot)
    drawCursor(on: &canvas, plot)
    var grid = BrailleGrid(columns: plot.width - 1, rows: plot.height)
    for series in series { trace(series, on: &grid, y) }
    grid.draw(on: &canvas, x: plot.x + 1, y: plot.y)
    drawLabels(on: &canvas, plot, y)
  }

  /// Returns the lowest and the highest value within the axis of steps that the scale can show, an empty range if it
  /// can show none. `nil` if there is no value at all.
  private func valueRange() -> (low: Double, high: Double)? {
    var (low, high, isEmpty) = (Double.infinity, -Double.infinity, true)
    for series in series {
      for point in series.points where point.x >= x.low && point.x <= x.high {
        isEmpty = false
        guard scale.canShow(point.y) else { continue }
        low = min(low, point.y)
        high = max(high, point.y)
      }
    }
    return isEmpty ? nil : (low, high)
  }

  /// Draws names and values at the curves' ends, moved apart if they would collide.
  private func drawLabels(on canvas: inout Canvas, _ plot: Rect, _ y: Axis) {
    let labelled = series.compactMap { series -> (text: String, role: Role, row: Int)? in
      guard let label = series.label,
        let last = series.points.last(where: { y.position($0.y) != nil })
      else { return nil }
      return (label, series.role, dotRow(last.y, y, plot.height * 4))
    }.sorted { $0.row < $1.row }
    for (label, row) in zip(labelled, spread(labelled.map { $0.row / 4 }, rows: plot.height)) {
      if let row { canvas.text(label.text, x: plot.maxX + 1, y: row, Style(label.role)) }
    }
  }

  /// Returns the row of dots for a value, clamped to the plot.
  private func dotRow(_ value: Double, _ y: Axis, _ height: Int) -> Int {
    let position = min(max(y.position(value) ?? 0, 0), 1)
    return Int(((1 - position) * Double(height - 1)).rounded())
  }

  /// Draws a curve as a vertical line in each column, joined to the previous one.
  private func trace(_ series: Series, on grid: inout BrailleGrid, _ y: Axis) {
    var previous: (x: Int, y: Int)?
    for span in envelope(series.points, along: x, over: y.scale, columns: grid.width) {
      let (first, last) = (dotRow(span.first, y, grid.height), dotRow(span.last, y, grid.height))
      let (low, high) = (dotRow(span.low, y, grid.height), dotRow(span.high, y, grid.height))
      if let previous {
        grid.line(x0: previous.x, y0: previous.y, x1: span.column, y1: first, series.role)
      }
      grid.line(x0: span.column, y0: high, x1: span.column, y1: low, series.role)
      previous = (span.column, last)
    }
  }

  private func drawScale(
    on canvas: inout Canvas, _ plot: Rect, _ y: Axis, _ ticks: [(Double, String)]
  ) {
    for row in 0..<plot.height { canvas.put("│", x: plot.x, y: row, Style(.border)) }
    for (value, label) in ticks {
      guard let position = y.position(value), (0...1).contains(position) else { continue }
      let row = dotRow(value, y, plot.height * 4) / 4
      canvas.text(label, endingAt: plot.x, y: row, Style(.dim))
      canvas.put("┤", x: plot.x, y: row, Style(.border))
    }
  }

  /// Draws the bottom edge with the step numbers in it.
  private func drawSteps(on canvas: inout Canvas, _ plot: Rect) {
    canvas.put("╰", x: plot.x, y: plot.maxY, Style(.border))
    for column in plot.x + 1..<plot.maxX {
      canvas.put("─", x: column, y: plot.maxY, Style(.border))
    }
    let ticks = x.ticks(atMost: max(plot.width / 8, 3))
    for value in ticks.values {
      guard let column = column(value, plot) else { continue }
      let label = Format.tick(value, step: ticks.step ?? value)
      let start = min(max(column - label.columns / 2, plot.x + 1), plot.maxX - label.columns)
      canvas.text(label, x: start, y: plot.maxY, Style(.dim))
    }
  }

  /// Draws the marks. If they would cover more than a quarter of the columns, only their glyphs are
  /// drawn.
  private func drawMarks(on canvas: inout Canvas, _ plot: Rect) {
    let placed = marks.compactMap { mark in column(mark.x, plot).map { (mark, $0) } }
    let crowded = Set(placed.map(\.1)).count * 4 > plot.width
    for (mark, column) in placed {
      if !crowded {
        for row in 0..<plot.height { canvas.put("┊", x: column, y: row, Style(.marker)) }
      }
      canvas.put(mark.glyph, x: column, y: 0, Style(mark.role))
    }
  }

  private func drawCursor(on canvas: inout Canvas, _ plot: Rect) {
    guard let cursor, let column = column(cursor, plot) else { return }
    for row in 0..<plot.height { canvas.put("│", x: column, y: row, Style(.accent)) }
    canvas.put("┴", x: column, y: plot.maxY, Style(.accent))
  }

  /// Returns the column of a step, or `nil` outside the axis.
  private func column(_ value: Double, _ plot: Rect) -> Int? {
    guard let position = x.position(value), position >= 0, position <= 1, plot.width > 1 else {
      return nil
    }
    return plot.x + 1 + min(Int(position * Double(plot.width - 1)), plot.width - 2)
  }
}
