import Run
import Support

/// Draws the stages of a curation: which are done, how far the present one is, and what the log says of
/// each.
func drawStages(_ view: RunView, on canvas: inout Canvas) {
  let status = view.record.status
  let stages = status.phases ?? [status.phase]
  let names = stages.map(\.name.columns).max() ?? 0
  for (row, stage) in stages.enumerated() {
    let isDone = stage.index < status.phase.index || status.state == .finished
    let isPresent = !isDone && stage.index == status.phase.index
    let (glyph, role): (String, Role) =
      isDone ? ("✓", .good) : isPresent ? ("●", .accent) : ("·", .dim)
    let x =
      canvas.text(
        [
          ("\(glyph) ", Style(role)),
          (stage.name.padded(names), Style(isPresent ? .title : isDone ? .text : .dim)),
        ], x: 0, y: row) + 2
    if isPresent {
      drawProgress(status.phase, on: &canvas, x: x, y: row)
    } else if let said = view.record.events.last(where: { $0.kind == stage.name }), isDone {
      canvas.text(said.text, x: x, y: row, Style(.dim), width: canvas.width - x)
    }
  }
}

private func drawProgress(_ phase: PhaseStatus, on canvas: inout Canvas, x: Int, y: Int) {
  guard phase.steps > 0 else {
    canvas.text(Format.count(phase.step), x: x, y: y, Style(.text))
    return
  }
  let part = Double(phase.step) / Double(phase.steps)
  let end = canvas.text(
    Format.percent(part).padded(8, right: true), endingAt: canvas.width, y: y, Style(.text))
  canvas.gauge(part, x: x, y: y, width: end - x - 1)
}
