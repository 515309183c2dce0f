import Run
import Support

/// Draws the status line and the keys.
func drawFooter(_ view: RunView, on canvas: inout Canvas) {
  let (text, role) = statusLine(view)
  canvas.text(text, x: 2, y: 0, Style(role), width: canvas.width - 4)
  drawKeys(view, on: &canvas)
}

/// Draws the keys that have a word for the footer. Help and detach are always at the right; the
/// others are drawn as far as they fit.
private func drawKeys(_ view: RunView, on canvas: inout Canvas) {
  let shown = KeyBinding.all.filter {
    $0.footer != nil && !(view.isCuration && $0.action.isForTraining)
  }
  let isFixed = { (binding: KeyBinding) in [.help, .detach].contains(binding.action) }
  let columns = { (binding: KeyBinding) in
    binding.keys[0].name.columns + 1 + binding.footer!.columns
  }
  let draw = { (binding: KeyBinding, x: Int, canvas: inout Canvas) in
    _ = canvas.text(
      [("\(binding.keys[0].name) ", Style(.key, .bold)), (binding.footer!, Style(.dim))],
      x: x, y: 1)
  }
  var end = canvas.width - 2
  for binding in shown.filter(isFixed).reversed() {
    end -= columns(binding)
    draw(binding, end, &canvas)
    end -= 3
  }
  var x = 2
  for binding in shown where !isFixed(binding) {
    guard x + columns(binding) <= end else { break }
    draw(binding, x, &canvas)
    x += columns(binding) + 3
  }
}

/// Returns the most important message: a lost connection, the outcome of a command, a pending
/// command, the run's own message, or the last event.
private func statusLine(_ view: RunView) -> (String, Role) {
  let state = view.state
  if case .lost(let since, let reason) = state.link {
    let age = Format.duration(view.now - since)
    return ("✗ connection lost \(age) ago (\(reason)); trying again", .bad)
  }
  if let notice = state.notice, notice.until > view.now { return (notice.text, notice.role) }
  // A form shows its own preview.
  let previews = [state.previewing, state.expectation?.id]
  if let pending = state.pending.last(where: { !previews.contains($0.id) }) {
    let stage = pending.accepted ? "accepted, waiting for the step to end" : "sent"
    return ("… \(pending.what): \(stage)", .accent)
  }
  if case .search(let search) = state.overlay { return (search.line, .accent) }
  if let reading = readOut(view) { return (reading, .accent) }
  let status = view.record.status
  let message = status.message.map { ": \($0)" } ?? ""
  switch (state.link, status.state) {
  case (_, .failed): return ("✗ the run failed\(message)", .bad)
  case (.history, .finished): return ("the run has finished; shown from its history", .dim)
  case (.history, _) where view.isCuration:
    return ("shown from its history; 'dinod curate' with its plan goes on from there", .dim)
  case (.history, _):
    return ("shown from the run's history; 'dino start \(status.name)' resumes it", .dim)
  case (.connecting, _): return ("… connecting", .accent)
  default: break
  }
  if !message.isEmpty { return (String(message.dropFirst(2)), .text) }
  guard let event = view.record.events.last else { return ("", .dim) }
  return ("\(Format.clock(event.time))  \(event.text)", event.level.appearance.role)
}

/// Returns what is at the cursor: the step, its time, the loss and the rate, and what happened there; `nil`
/// without a cursor.
private func readOut(_ view: RunView) -> String? {
  guard let cursor = view.state.cursor, let sample = view.sample else { return nil }
  let values: [(String, Metric)] = [("loss", .totalLoss), ("lr", .lr)]
  let words = values.compactMap { name, metric in
    sample[metric].map { "\(name) \(Format.value($0, metric))" }
  }
  // Within the width of a column of the charts.
  let near = max(1, Int((view.steps.high - view.steps.low) / 200))
  let mark = view.record.marks.min { abs($0.step - cursor) < abs($1.step - cursor) }
  let event = mark.flatMap { abs($0.step - cursor) <= near ? $0 : nil }
  let text = event.map { "\($0.kind.glyph) step \(Format.count($0.step)): \($0.text)" }
  return
    (["step \(Format.count(sample.step))", Format.clock(sample.time)] + words
    + [text].compactMap(\.self)).joined(separator: " · ")
}
