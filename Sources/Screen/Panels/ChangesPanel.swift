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
  // Where there is little room, who did it counts more than with which program.
  func who(_ entry: JournalEntry) -> String {
    canvas.width < 100 ? JournalEntry.person(entry.client) : entry.client
  }
  let steps = shown.map { Format.count($0.step).count }.max() ?? 0
  let people = min(shown.map { who($0).columns }.max() ?? 0, max(canvas.width / 4, 8))
  drawEntries(
    shown.map { entry in
      let fate = journal.fate(of: entry)
      let isOver = fate?.hasPrefix("dropped") == true || fate?.hasPrefix("taken") == true
      return EntryRow(
        lead: [
          (Format.clock(entry.time) + "  ", Style(.dim)),
          (Format.count(entry.step).padded(steps, right: true) + "  ", Style(.dim)),
          (String(who(entry).prefix(people)).padded(people) + "  ", Style(.accent)),
        ], text: entry.change.summary, style: Style(isOver ? .dim : .text), fate: fate ?? "")
    }, on: &canvas)
}
