import Run
import Support

/// Draws how good features are: the k-NN accuracy on held-out images with its two baselines, raw pixels and
/// the untrained network, and scores that need no labels. In a distillation, the teacher and the other
/// students are shown too. Without labels, RankMe is the curve.
func drawProbe(_ view: RunView, on canvas: inout Canvas) {
  guard let last = view.record.evaluations.last else {
    canvas.text("no probe yet", x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let hasLabels = view.latestProbe(.knnLearned) != nil
  // The curve keeps at least nine rows; in a small panel there is the curve alone.
  let rows = canvas.height > 9 || !hasLabels ? ScoreRow.rows(view) : []
  let shown = canvas.height >= 9 + rows.count + 1 || !hasLabels ? rows : []
  let below = shown.isEmpty ? 0 : min(shown.count + 1, max(canvas.height - 3, 0))
  let top = Rect(x: 0, y: 0, width: canvas.width, height: canvas.height - below)
  let axis = Axis(from: 0, to: max(view.steps.high, Double(last.step), 2))
  canvas.within(top) { part in
    if hasLabels {
      drawAccuracies(view, axis, on: &part)
    } else {
      drawRank(view, rows, axis, on: &part)
    }
  }
  let bottom = Rect(
    x: 0, y: top.height + 1, width: canvas.width, height: max(below - 1, 0))
  canvas.within(bottom) { drawScores(shown, on: &$0) }
}

/// Draws the curves of k-NN, and below them the gain over raw pixels.
private func drawAccuracies(_ view: RunView, _ axis: Axis, on canvas: inout Canvas) {
  let isTall = canvas.height >= 7
  var chart = LineChart(series: probeSeries(view), x: axis)
  chart.cursor = view.cursor
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

/// Draws RankMe, or whatever score there is, as a curve, over that of other runs.
private func drawRank(
  _ view: RunView, _ rows: [ScoreRow], _ axis: Axis, on canvas: inout Canvas
) {
  guard let row = rows.first else { return }
  let laid = view.overlaid.map { other in
    Series(
      row.metric.map { view.probePoints($0, in: other.record) } ?? [], .dim, label: other.name)
  }
  var chart = LineChart(
    series: laid.filter { !$0.points.isEmpty }
      + [Series(row.points, .probeLearned, label: "\(row.label) \(row.value)")], x: axis)
  chart.cursor = view.cursor
  chart.draw(on: &canvas)
}

/// What many runs do not measure, and is not named where it was not.
private let mayBeMissing: Set<Metric> = [.knnTeacher, .linearLearned]

/// The accuracies as curves: those of other students, the baselines, the teacher's, and last what was
/// learned, which is drawn over the others.
private func probeSeries(_ view: RunView) -> [Series] {
  let others = view.record.probeNames.subtracting([ProbeResult.knn]).sorted()
  let curves: [(probe: String, Metric, String, Role)] =
    others.map { ($0, .knnLearned, String($0.dropFirst(ProbeResult.knn.count + 1)), .spark) } + [
      (ProbeResult.knn, .knnUntrained, "untrained", .probeUntrained),
      (ProbeResult.knn, .knnRawPixels, "raw", .probeRaw),
      (ProbeResult.knn, .knnTeacher, "teacher", .accent),
      (ProbeResult.knn, .linearLearned, "linear", .spark),
      (ProbeResult.knn, .knnLearned, "learned", .probeLearned),
    ]
  let laid = view.overlaid.map { other in
    Series(view.probePoints(.knnLearned, in: other.record), .dim, label: other.name)
  }
  return laid.filter { !$0.points.isEmpty }
    + curves.compactMap { probe, metric, name, role -> Series? in
      let points = view.probePoints(metric, of: probe)
      guard !points.isEmpty || !mayBeMissing.contains(metric) else { return nil }
      // What was measured once holds for the whole run.
      let level =
        points.count == 1 && Metric.baselines.contains(metric)
        ? [Point(x: 0, y: points[0].y), Point(x: view.steps.high, y: points[0].y)] : points
      return Series(
        level, role,
        label: points.last.map { name.padded(10) + Format.percent($0.y).padded(7, right: true) })
    }
}
