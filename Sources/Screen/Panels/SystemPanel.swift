import Run
import Support

/// Draws where a step's time, the memory and the disk go, and on which machines.
func drawSystem(_ view: RunView, on canvas: inout Canvas) {
  let isWide = canvas.width >= 100
  let left = isWide ? canvas.width / 2 - 2 : canvas.width
  var y = drawMachine(view, on: &canvas) + 1
  let top = y
  canvas.within(Rect(x: 0, y: y, width: left, height: canvas.height - y)) {
    let rows = drawAnatomy(view, on: &$0)
    y += isWide ? rows : drawProcesses(view, on: &$0, y: rows)
  }
  let rest =
    isWide
    ? Rect(x: left + 4, y: top, width: canvas.width - left - 4, height: canvas.height - top)
    : Rect(x: 0, y: y + 1, width: canvas.width, height: canvas.height - y - 1)
  canvas.within(rest) { drawStores(view, on: &$0) }
  guard isWide else { return }
  canvas.within(Rect(x: 0, y: y + 1, width: left, height: canvas.height - y - 1)) {
    let next = drawProcesses(view, on: &$0, y: 0)
    let place = Rect(x: 0, y: next + 1, width: $0.width, height: $0.height - next - 1)
    if place.height >= 5 {
      $0.within(place) {
        drawCurves([(.timeStep, "step, s"), (.memoryResident, "memory, MiB")], view, on: &$0)
      }
    }
  }
}

/// Draws the machine's line. Returns the row after it.
private func drawMachine(_ view: RunView, on canvas: inout Canvas) -> Int {
  guard let machine = view.record.status.machine else { return 0 }
  let threads = machine.threads.map { "\(Format.count($0, "thread")) on " } ?? ""
  let words = [
    machine.processor, threads + Format.count(machine.cores, "core"), machine.precision,
    "dinod \(machine.version)",
  ]
  canvas.text(
    words.filter { !$0.isEmpty }.joined(separator: " · "), x: 0, y: 0, Style(.text))
  return 1
}

/// Draws the parts of a step: their means over the last steps, their shares and their course. Returns the
/// row after them.
private func drawAnatomy(_ view: RunView, on canvas: inout Canvas) -> Int {
  let parts: [(metric: Metric, name: String, role: Role)] = [
    (.timeData, "waits for crops", .timeData), (.timeTeacher, "teacher", .timeTeacher),
    (.timeStudent, "student", .timeStudent), (.timeBackward, "backward", .timeBackward),
    (.timeOptimiser, "optimiser", .timeOptimiser),
  ]
  let recent = view.recent(50)
  func mean(_ metric: Metric) -> Double {
    recent.reduce(0) { $0 + ($1[metric] ?? 0) } / Double(max(recent.count, 1))
  }
  let total = parts.reduce(0) { $0 + mean($1.metric) }
  guard total > 0 else {
    canvas.text("no step yet", x: 0, y: 0, Style(.dim))
    return 1
  }
  let steps = Format.count(recent.count, "step")
  canvas.text(
    [
      ("a step ", Style(.dim)), (Format.interval(mean(.timeStep)), Style(.title, .bold)),
      ("  mean of \(steps)", Style(.dim)),
    ], x: 0, y: 0)
  for (row, part) in parts.enumerated() {
    let y = row + 1
    canvas.text([("■ ", Style(part.role)), (part.name, Style(.dim))], x: 0, y: y)
    canvas.text(Format.interval(mean(part.metric)), endingAt: trendColumn, y: y, Style(.text))
    let share = Format.printf("%.0f %%", mean(part.metric) / total * 100)
    canvas.text(share, endingAt: trendColumn + 7, y: y, Style(.text))
    canvas.sparkline(
      view.values(part.metric), x: trendColumn + 9, y: y, width: canvas.width - trendColumn - 9)
  }
  var y = parts.count + 1
  if let waited = view.latest(.timeNetwork) {
    canvas.text("  waits for others", x: 0, y: y, Style(.dim))
    canvas.text(Format.interval(waited), endingAt: trendColumn, y: y, Style(.text))
    y += 1
  }
  return y
}

/// Draws what the memory is for, and what is left of memory and disk.
private func drawStores(_ view: RunView, on canvas: inout Canvas) {
  let resident = view.latest(.memoryResident)
  let used = resident.map { Format.bytes($0) } ?? "–"
  let left = view.latest(.memoryAvailable).map { ", \(Format.bytes($0)) left on the machine" } ?? ""
  canvas.text(
    [("memory ", Style(.dim)), (used, Style(.title, .bold)), (left, Style(.dim))], x: 0, y: 0)
  var parts = view.record.status.machine?.memory ?? []
  let planned = parts.reduce(0) { $0 + Double($1.bytes) }
  if !parts.isEmpty, let rest = Int(exactly: ((resident ?? 0) - planned).rounded()), rest > 0 {
    parts.append(MachineStatus.Part(name: "program and the rest", bytes: rest))
  }
  let column = 34
  // The last two rows are for the disk.
  let shown = parts.prefix(max(canvas.height - 3, 0))
  for (row, part) in shown.enumerated() {
    canvas.text(part.name, x: 2, y: row + 1, Style(.dim), width: column - 12)
    canvas.text(Format.bytes(Double(part.bytes)), endingAt: column, y: row + 1, Style(.text))
    let whole = max(resident ?? 0, planned, 1)
    canvas.meter(
      Double(part.bytes) / whole, x: column + 2, y: row + 1, width: canvas.width - column - 2)
  }
  if let room = view.latest(.diskCheckpoints) {
    let words =
      room < 1
      ? "no room for another checkpoint" : "room for \(Format.scaled(room)) more checkpoints"
    canvas.text(
      [("disk ", Style(.dim)), (words, Style(room < 2 ? .bad : .text))], x: 0,
      y: min(shown.count + 2, canvas.height - 1))
  }
}
