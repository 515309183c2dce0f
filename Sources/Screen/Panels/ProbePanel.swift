import Metrics

/// k-NN accuracy of the teacher on held-out images, beside the two figures it has to beat.
func drawProbe(_ view: RunView, on canvas: inout Canvas) {
  guard let last = view.record.evaluations.last else {
    canvas.text("no probe yet", x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let curves: [(Metric, String, Role)] = [
    (.knnUntrained, "untrained", .probeUntrained), (.knnRawPixels, "raw", .probeRaw),
    (.knnLearned, "learned", .probeLearned),
  ]
  let series = curves.map { metric, name, role in
    let points = view.record.evaluations.compactMap { evaluation in
      evaluation.values[metric].map { Point(x: Double(evaluation.step), y: $0) }
    }
    // What was measured once holds for the whole run.
    let level =
      points.count == 1 && metric != .knnLearned
      ? [Point(x: 0, y: points[0].y), Point(x: view.steps.high, y: points[0].y)] : points
    return Series(
      level, role,
      label: points.last.map { name.padded(10) + Format.percent($0.y).padded(7, right: true) })
  }
  let isTall = canvas.height >= 7
  var chart = LineChart(
    series: series, x: Axis(from: 0, to: max(view.steps.high, Double(last.step), 2)))
  chart.label = { Format.tick($0 * 100, step: $1 * 100) + "%" }
  canvas.within(
    Rect(x: 0, y: 0, width: canvas.width, height: canvas.height - (isTall ? 1 : 0))
  ) { chart.draw(on: &$0) }
  guard isTall, let learned = view.latestProbe(.knnLearned),
    let raw = view.latestProbe(.knnRawPixels)
  else { return }
  let gain = Format.printf("%+.1f", (learned - raw) * 100)
  canvas.text(
    [
      ("\(gain) points", Style(learned > raw ? .good : .warn)),
      (" over raw pixels", Style(.dim)),
    ], x: 0, y: canvas.height - 1)
}
