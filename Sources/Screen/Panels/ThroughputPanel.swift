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
  y = drawFlow(seenImages(view).map { [($0, Style(.dim))] }, on: &canvas, y: y) - 1
  y = drawProcesses(view, on: &canvas, y: y + 1) - 1
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

/// Returns how many images were seen and how often all of them, and the epochs of the recipe, which may have
/// another length.
private func seenImages(_ view: RunView) -> [String] {
  var words: [String] = []
  if let seen = view.latest(.imagesSeen), let count = Int(exactly: seen.rounded()) {
    words.append("\(Format.count(count, "image")) seen")
    let all = Double(max(view.record.status.images, 1))
    if !view.isCuration { words.append("\(Format.number(seen / all)) times all") }
  }
  if let epoch = view.latest(.epoch), let step = view.sample?.step, epoch > 0,
    let length = Int(exactly: (Double(step) / epoch).rounded())
  {
    words.append("epoch \(Format.decimals(epoch, 2)) of \(Format.count(length, "step")) each")
  }
  return words
}

/// Draws a line for each of several processes: its host, how much of a step it computes, and how much it
/// waits for crops and for the others. Returns the row after them.
func drawProcesses(_ view: RunView, on canvas: inout Canvas, y first: Int) -> Int {
  guard let processes = view.record.status.processes, processes.count > 1 else { return first }
  let slowest = processes.slowest
  var y = first
  for process in processes where y < canvas.height {
    let times = [process.timeCompute, process.timeData, process.timeNetwork].map { $0 ?? 0 }
    let total = times.reduce(0, +)
    let isSlow = process == slowest
    canvas.text(
      "\(process.number) \(process.host)", x: 0, y: y, Style(isSlow ? .warn : .dim))
    if total > 0 {
      let words = zip(["computes", "data", "others"], times).map {
        "\($0) \(Format.printf("%.0f %%", 100 * $1 / total))"
      }
      let memory = process.memoryResident.map { [Format.bytes(Double($0))] } ?? []
      canvas.text(
        (words + memory + (isSlow ? ["slowest"] : [])).joined(separator: " · "), x: trendColumn,
        y: y, Style(.text))
    }
    y += 1
  }
  return y
}

/// Draws the parts of a step's time as a bar with a legend. Returns the row after them.
private func drawStepSplit(_ view: RunView, on canvas: inout Canvas, y: Int) -> Int {
  let parts: [(metric: Metric, name: String, letter: Unicode.Scalar, role: Role)] = [
    (.timeData, "data", "d", .timeData), (.timeTeacher, "teacher", "t", .timeTeacher),
    (.timeStudent, "student", "s", .timeStudent), (.timeBackward, "backward", "b", .timeBackward),
    (.timeOptimiser, "optimiser", "o", .timeOptimiser),
  ]
  // Means of recent steps are shown, since the values of single steps fluctuate.
  let recent = view.recent(20)
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
