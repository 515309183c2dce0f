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
    let values = view.values(metric)
    return values.isEmpty || values.contains { $0 != 0 }
  }
  let series = present.map { metric, name, role in
    Series(
      view.points(metric), role,
      label: view.latest(metric).map { name.padded(7) + Format.loss($0).padded(6, right: true) })
  }
  let parent = view.parent.map { parent in
    Series(view.parentPoints(.totalLoss), .dim, label: parent.status.name)
  }
  var chart = LineChart(series: [parent].compactMap(\.self) + series, x: view.steps)
  chart.scale = view.state.scale
  chart.marks = view.marks
  chart.empty = "losses appear after the first step"
  chart.draw(on: &canvas)
}
