import Run
import Support

extension RunEvent.Level {
  /// The glyph and the colour. The line itself contains the word.
  var appearance: (glyph: String, role: Role) {
    switch self {
    case .info: ("·", .dim)
    case .warning: ("▲", .warn)
    case .error: ("✗", .bad)
    }
  }
}

/// Draws the events, the newest at the bottom.
func drawLog(_ view: RunView, on canvas: inout Canvas) {
  let shown = view.events.filtered(by: view.state.filter).dropLast(view.state.logScroll)
    .suffix(canvas.height)
  guard !shown.isEmpty else {
    let text = view.state.filter.isEmpty ? "no events yet" : "no event has that text"
    canvas.text(text, x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let steps = shown.map { Format.count($0.step).count }.max() ?? 0
  let kinds = min(shown.map(\.kind.columns).max() ?? 0, 10)
  drawEntries(
    shown.map { event in
      let (glyph, role) = event.level.appearance
      let word = event.level == .info ? "" : event.level.rawValue + ": "
      return EntryRow(
        lead: [
          (Format.clock(event.time) + "  ", Style(.dim)),
          (Format.count(event.step).padded(steps, right: true) + "  ", Style(.dim)),
          ("\(glyph) ", Style(role)),
          (event.kind.padded(kinds) + "  ", Style(event.level == .info ? .accent : role)),
        ], text: word + event.text, style: Style(event.level == .info ? .text : role))
    }, on: &canvas)
}
