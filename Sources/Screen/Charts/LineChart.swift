import Support

/// A curve of a chart.
package struct Series: Sendable {
  package var points: [Point]
  package var role: Role
  /// Written at the curve's end, right of the plot: name and value.
  package var label: String?

  package init(_ points: [Point], _ role: Role, label: String? = nil) {
    self.points = points
    self.role = role
    self.label = label
  }
}

/// A thin upright mark at something that happened.
package struct Mark: Equatable, Sendable {
  package var x: Double
  /// Shown at the top of the mark.
  package var glyph: Unicode.Scalar
  package var role: Role

  package init(x: Double, glyph: Unicode.Scalar, role: Role = .marker) {
    self.x = x
    self.glyph = glyph
    self.role = role
  }
}

/// Curves over steps in braille, with labelled axes. Later curves lie over earlier ones.
package struct LineChart: Sendable {
  package var series: [Series]
  package var marks: [Mark] = []
  package var x: Axis
  /// Chosen by the data where nil.
  package var y: Axis?
  package var scale: Axis.Scale = .linear
  /// The label of a y tick; the second number is the distance between ticks.
  package var label: @Sendable (Double, Double) -> String = Format.tick
  /// Shown while there is nothing to draw.
  package var empty = "no data yet"

  package init(series: [Series], x: Axis) {
    self.series = series
    self.x = x
  }

  /// Fills the canvas's present part.
  package func draw(on canvas: inout Canvas) {
    guard canvas.width >= 8, canvas.height >= 3 else { return }
    let values = series.lazy.flatMap { $0.points.lazy }.filter {
      x.position($0.x).map { (0...1).contains($0) } ?? false
    }.map(\.y)
    guard !values.isEmpty, let y = y ?? Axis(holding: values, scale: scale) else {
      let text = values.isEmpty ? empty : "nothing above zero to show on a log scale"
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
    var grid = BrailleGrid(columns: plot.width - 1, rows: plot.height)
    for series in series { trace(series, on: &grid, y) }
    grid.draw(on: &canvas, x: plot.x + 1, y: plot.y)
    drawLabels(on: &canvas, plot, y)
  }

  /// Names and values at the curves' ends, moved apart where they would collide.
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

  /// The row of dots of a value that can be shown, inside the plot.
  private func dotRow(_ value: Double, _ y: Axis, _ height: Int) -> Int {
    let position = min(max(y.position(value) ?? 0, 0), 1)
    return Int(((1 - position) * Double(height - 1)).rounded())
  }

  /// A curve's dots: an upright stroke for each column, joined to the one before.
  private func trace(_ series: Series, on grid: inout BrailleGrid, _ y: Axis) {
    var previous: (x: Int, y: Int)?
    let points = series.points.filter { y.position($0.y) != nil }
    for span in envelope(points, along: x, columns: grid.width) {
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

  /// The lower edge, with the steps' numbers written into it.
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

  /// Where marks would cover more than a quarter of the plot, only their heads are drawn.
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

  /// The column of a step; nil outside the axis.
  private func column(_ value: Double, _ plot: Rect) -> Int? {
    guard let position = x.position(value), position >= 0, position <= 1, plot.width > 1 else {
      return nil
    }
    return plot.x + 1 + min(Int(position * Double(plot.width - 1)), plot.width - 2)
  }
}
