import Run
import Support

/// Draws the rates, the parts of a step's time, and the memory.
func drawThroughput(_ view: RunView, on canvas: inout Canvas) {
  let roomy = canvas.height >= 12
  var y = 0
  var rates: [(String, Metric)] = [
    ("images/s", .imagesPerSecond), ("GFLOP/s", .gflops), ("step", .timeStep),
  ]
  if view.isCuration { rates = [("rate /s", .imagesPerSecond)] }
  for (label, metric) in rates {
    let value = view.latest(metric).map {
      metric == .timeStep ? Format.interval($0) : Format.number($0)
    }
    drawTrend(label, value ?? "–", view.values(metric), on: &canvas, y: y)
    y += 1
  }
  if roomy { y += 1 }
  y = drawStepSplit(view, on: &canvas, y: y)
  if roomy { y += 1 }
  drawMemory(view, on: &canvas, y: y)
  y += 2
  if roomy { y += 1 }
  let seen = view.latest(.imagesSeen).flatMap { Int(exactly: $0.rounded()) }
    .map { "\(Format.count($0, "image")) seen" }
  let epoch = view.latest(.epoch).map { "epoch \(Format.number($0))" }
  canvas.text(
    [seen, epoch].compactMap(\.self).joined(separator: " · "), x: 0, y: y, Style(.dim))
  let rest = Rect(x: 0, y: y + 2, width: canvas.width, height: canvas.height - y - 2)
  if rest.height >= 5 {
    canvas.within(rest) {
      drawCurves(
        view.isCuration
          ? [(.imagesPerSecond, "rate /s")]
          : [(.imagesPerSecond, "images/s"), (.gflops, "GFLOP/s")], view, on: &$0)
    }
  }
}

/// Draws the parts of a step's time as a bar with a legend. Returns the row after them.
private func drawStepSplit(_ view: RunView, on canvas: inout Canvas, y: Int) -> Int {
  let parts: [(metric: Metric, name: String, letter: Unicode.Scalar, role: Role)] = [
    (.timeData, "data", "d", .timeData), (.timeTeacher, "teacher", "t", .timeTeacher),
    (.timeStudent, "student", "s", .timeStudent), (.timeBackward, "backward", "b", .timeBackward),
    (.timeOptimiser, "optimiser", "o", .timeOptimiser),
  ]
  // Means of recent steps are shown, since the values of single steps fluctuate.
  let recent = view.record.samples.suffix(20)
  let means = parts.map { part in
    recent.reduce(0) { $0 + ($1[part.metric] ?? 0) } / Double(max(recent.count, 1))
  }
  let total = means.reduce(0, +)
  guard total > 0 else { return y }
  canvas.stackedBar(
    zip(parts, means).map { ($1, $0.role, $0.letter) }, x: 0, y: y, width: canvas.width)
  let legend = zip(parts, means).map { part, mean in
    [
      ("■ ", Style(part.role)), ("\(part.name) ", Style(.dim)),
      (Format.printf("%.0f %%", mean / total * 100), Style(.text)),
    ]
  }
  return drawFlow(legend, on: &canvas, y: y + 1)
}

/// Draws the resident memory, and the size of the arena in relation to it.
private func drawMemory(_ view: RunView, on canvas: inout Canvas, y: Int) {
  drawTrend(
    "memory", view.text(.memoryResident), view.values(.memoryResident), on: &canvas, y: y)
  guard let arena = view.latest(.memoryArena) else { return }
  canvas.text("arena", x: 0, y: y + 1, Style(.dim))
  canvas.text(Format.bytes(arena), endingAt: trendColumn, y: y + 1, Style(.text))
  if let resident = view.latest(.memoryResident), resident > 0 {
    canvas.meter(
      arena / resident, x: trendColumn + 2, y: y + 1, width: canvas.width - trendColumn - 2)
  }
}
