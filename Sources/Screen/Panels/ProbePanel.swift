import Run
import Support

/// Draws the k-NN accuracy of the learned features on held-out images with its two baselines, raw
/// pixels and the untrained network. In a distillation, the teacher and the other students are
/// shown too.
func drawProbe(_ view: RunView, on canvas: inout Canvas) {
  guard let last = view.record.evaluations.last else {
    canvas.text("no probe yet", x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let series = probeSeries(view)
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

/// The accuracies as curves: those of other students, the baselines, the teacher's, and last what was
/// learned, which is drawn over the others.
private func probeSeries(_ view: RunView) -> [Series] {
  let others = Set(view.record.evaluations.map(\.name)).subtracting([ProbeResult.knn]).sorted()
  let curves: [(probe: String, Metric, String, Role)] =
    others.map { ($0, .knnLearned, String($0.dropFirst(ProbeResult.knn.count + 1)), .spark) } + [
      (ProbeResult.knn, .knnUntrained, "untrained", .probeUntrained),
      (ProbeResult.knn, .knnRawPixels, "raw", .probeRaw),
      (ProbeResult.knn, .knnTeacher, "teacher", .accent),
      (ProbeResult.knn, .knnLearned, "learned", .probeLearned),
    ]
  return curves.compactMap { probe, metric, name, role -> Series? in
    let points = view.record.evaluations.filter { $0.name == probe }.compactMap { evaluation in
      evaluation.values[metric].map { Point(x: Double(evaluation.step), y: $0) }
    }
    guard !points.isEmpty || metric != .knnTeacher else { return nil }
    // What was measured once holds for the whole run.
    let level =
      points.count == 1 && metric != .knnLearned
      ? [Point(x: 0, y: points[0].y), Point(x: view.steps.high, y: points[0].y)] : points
    return Series(
      level, role,
      label: points.last.map { name.padded(10) + Format.percent($0.y).padded(7, right: true) })
  }
}
