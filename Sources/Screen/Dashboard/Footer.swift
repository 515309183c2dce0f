import Metrics

/// The status line and the keys.
func drawFooter(_ view: RunView, on canvas: inout Canvas) {
  let (text, role) = statusLine(view)
  canvas.text(text, x: 2, y: 0, Style(role), width: canvas.width - 4)
  var x = 2
  for binding in KeyBinding.all {
    guard let word = binding.footer, let key = binding.keys.first else { continue }
    let columns = key.name.columns + 1 + word.columns
    guard x + columns <= canvas.width - 2 else { break }
    canvas.text([("\(key.name) ", Style(.key, .bold)), (word, Style(.dim))], x: x, y: 1)
    x += columns + 3
  }
  let hint = Layout.tabHint
  if x + hint.columns <= canvas.width - 2 {
    canvas.text(hint, endingAt: canvas.width - 2, y: 1, Style(.dim))
  }
}

/// What matters most now: the connection, a command on its way, the outcome of one, the run's own
/// message, the last event.
private func statusLine(_ view: RunView) -> (String, Role) {
  let state = view.state
  if case .lost(let since, let reason) = state.link {
    let age = Format.duration(view.now - since)
    return ("✗ connection lost \(age) ago (\(reason)); trying again", .bad)
  }
  if let notice = state.notice, notice.until > view.now { return (notice.text, notice.role) }
  if let pending = state.pending.last {
    let stage = pending.accepted ? "accepted, waiting for the step to end" : "sent"
    return ("… \(pending.what): \(stage)", .accent)
  }
  let status = view.record.status
  let message = status.message.map { ": \($0)" } ?? ""
  switch (state.link, status.state) {
  case (_, .failed): return ("✗ the run failed\(message)", .bad)
  case (.history, _):
    return ("shown from the run's history; 'dino start \(status.name)' goes on with it", .dim)
  case (.connecting, _): return ("… connecting", .accent)
  default: break
  }
  if !message.isEmpty { return (String(message.dropFirst(2)), .text) }
  guard let event = view.record.events.last else { return ("", .dim) }
  return ("\(Format.clock(event.time))  \(event.text)", event.level.appearance.role)
}

extension Layout {
  /// Keys that the footer names at its right end where there is room.
  static let tabHint = "tab panel · +/- zoom · l log · f full · t theme · n run"
}
