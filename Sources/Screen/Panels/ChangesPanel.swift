import Run
import Support

/// Draws the journal: who changed what from which step on, and what became of it, the newest at the bottom.
func drawChanges(_ view: RunView, on canvas: inout Canvas) {
  let journal = Journal(view.record.journal)
  let entries = view.record.journal.filtered(by: view.state.filter)
    .filter { entry in view.state.cursor.map { entry.step <= $0 } ?? true }
  let shown = entries.dropLast(view.state.logScroll).suffix(canvas.height)
  guard !shown.isEmpty else {
    let text = view.state.filter.isEmpty ? "nobody has changed the run" : "no change has that text"
    canvas.text(text, x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let steps = shown.map { Format.count($0.step).count }.max() ?? 0
  let people = min(shown.map(\.client.columns).max() ?? 0, max(canvas.width / 4, 8))
  for (row, entry) in shown.enumerated() {
    let fate = journal.fate(of: entry)
    let role: Role =
      fate?.hasPrefix("dropped") == true || fate?.hasPrefix("taken") == true ? .dim : .text
    canvas.text(
      [
        (Format.clock(entry.time) + "  ", Style(.dim)),
        (Format.count(entry.step).padded(steps, right: true) + "  ", Style(.dim)),
        (String(entry.client.prefix(people)).padded(people) + "  ", Style(.accent)),
        (entry.change.summary, Style(role)),
        (fate.map { "   " + $0 } ?? "", Style(.warn)),
      ], x: 0, y: row)
  }
}
