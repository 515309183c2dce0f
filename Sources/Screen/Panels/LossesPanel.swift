import Run
import Support

/// Draws the losses of the official log. Each curve ends in its name and value.
func drawLosses(_ view: RunView, on canvas: inout Canvas) {
  let losses: [(Metric, String, Role)] = [
    (.koleoLoss, "koleo", .lossKoleo), (.dinoGlobalCropsLoss, "global", .lossGlobal),
    (.ibotLoss, "ibot", .lossIbot), (.dinoLocalCropsLoss, "local", .lossLocal),
    (.totalLoss, "total", .lossTotal),
  ]
  let expansion: [(Metric, String, Role)] =
    view.latest(.codingRateLoss) == nil ? [] : [(.codingRateLoss, "rate", .accent)]
  // What a run does not have, such as local crops, is 0 all the time.
  let present = (expansion + losses).filter { metric, _, _ in
    view.record.lastValue(of: metric) != 0 || view.record.isMoved(metric)
  }
  guard !view.state.isSplit else { return drawEach(present, view, on: &canvas) }
  let series = present.flatMap { metric, name, role in
    view.curves(
      view.points(metric), role,
      label: view.latest(metric).map { name.padded(7) + Format.loss($0).padded(6, right: true) })
  }
  let others = overlays(.totalLoss, view)
  var chart = chart(others + series, view)
  chart.empty = "losses appear after the first step"
  // Where there is room, the last row says what the marks are.
  let legend = canvas.height >= 11 ? markLegend(view) : []
  canvas.within(
    Rect(x: 0, y: 0, width: canvas.width, height: canvas.height - (legend.isEmpty ? 0 : 1))
  ) { chart.draw(on: &$0) }
  canvas.text(legend, x: 0, y: canvas.height - 1)
}

private func chart(_ series: [Series], _ view: RunView) -> LineChart {
  var chart = LineChart(series: series, x: view.steps)
  chart.scale = view.state.scale
  chart.marks = view.marks
  chart.cursor = view.cursor
  return chart
}

/// Returns the marks that the run has, with what they stand for.
private func markLegend(_ view: RunView) -> [(String, Style)] {
  let present = view.record.marks.map(\.kind)
  let kinds: [RecordMark.Kind] = [.change, .phase, .rewind, .origin, .checkpoint]
  return kinds.filter(present.contains).flatMap { kind -> [(String, Style)] in
    [("\(kind.glyph) ", Style(kind.role)), ("\(kind.word)   ", Style(.dim))]
  }
}

/// Draws each loss in a chart with an axis of its own, since one that falls by a tenth cannot be seen
/// beside one that is ten times as large.
private func drawEach(
  _ losses: [(Metric, String, Role)], _ view: RunView, on canvas: inout Canvas
) {
  // The total is first, and its terms follow.
  let ordered = losses.reversed()
  let columns = canvas.width >= 76 ? 2 : 1
  let fitting = max(canvas.height / 4, 1) * columns
  let shown = Array(ordered.prefix(fitting))
  let rows = (shown.count + columns - 1) / columns
  let (width, height) = ((canvas.width - 2 * (columns - 1)) / columns, canvas.height / max(rows, 1))
  for (index, (metric, _, role)) in shown.enumerated() {
    let place = Rect(
      x: index % columns * (width + 2), y: index / columns * height, width: width, height: height)
    canvas.within(place) { part in
      part.text(
        [
          (metric.rawValue + "  ", Style(.dim)),
          (view.latest(metric).map(Format.loss) ?? "–", Style(role, .bold)),
        ], x: 0, y: 0)
      part.within(Rect(x: 0, y: 1, width: part.width, height: part.height - 1)) {
        chart(
          overlays(metric, view) + view.curves(view.points(metric), role, label: nil), view
        ).draw(on: &$0)
      }
    }
  }
}
