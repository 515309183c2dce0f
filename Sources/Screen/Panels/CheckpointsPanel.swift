import Run
import Support

/// Draws the checkpoints, the newest at the top: how large each is, whether it is good, how good its features
/// are, and why it is kept.
func drawCheckpoints(_ view: RunView, on canvas: inout Canvas) {
  guard let checkpoints = view.checkpoints else {
    canvas.text(
      "no list yet; if it does not come, dino checkpoints says why", x: 0, y: canvas.height / 2,
      Style(.dim))
    return
  }
  guard !checkpoints.isEmpty else {
    canvas.text("no checkpoint yet; c writes one", x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  drawRow(
    ["step", "written", "size", "state", "k-NN", "kept as"].map { ($0, Style(.dim)) }, y: 0,
    on: &canvas)
  let best = checkpoints.compactMap(\.knn).max()
  let rows = Array(checkpoints.reversed())
  let room = max(canvas.height - 3, 1)
  let selected = rows.firstIndex { $0.step == view.state.checkpoint } ?? 0
  let first = max(0, min(selected - room / 2, rows.count - room))
  for (place, checkpoint) in rows.dropFirst(first).prefix(room).enumerated() {
    var cells = facts(of: checkpoint, best: best)
    if first + place == selected {
      let chosen = Style(.selectionText, on: .selection, .bold)
      canvas.fill(Rect(x: 0, y: place + 1, width: canvas.width, height: 1), chosen)
      cells = cells.map { ($0.0, chosen) }
    }
    drawRow(cells, y: place + 1, on: &canvas)
  }
  drawKeys(
    [("↑ ↓", "select"), ("E", "export it"), ("B", "branch from it"), ("X", "remove it")],
    pinned: 0, y: canvas.height - 1, on: &canvas)
}

/// Returns what is known of a checkpoint, column by column.
private func facts(of checkpoint: CheckpointFacts, best: Double?) -> [(String, Style)] {
  let isBest = checkpoint.knn != nil && checkpoint.knn == best
  let reasons = checkpoint.keptFor + [checkpoint.name.map { "'\($0)'" }].compactMap(\.self)
  return [
    (Format.count(checkpoint.step), Style(.text, .bold)),
    (checkpoint.time.map(Format.date) ?? "–", Style(.dim)),
    (checkpoint.bytes.map { Format.bytes(Double($0)) } ?? "–", Style(.text)),
    checkpoint.problem.map { ($0, Style(.bad)) }
      ?? (checkpoint.isSound ? ("✓ good", Style(.good)) : ("not confirmed", Style(.dim))),
    (checkpoint.knn.map(Format.percent) ?? "–", Style(isBest ? .good : .text)),
    (reasons.joined(separator: ", "), Style(.accent)),
  ]
}

/// Draws the cells of a row. Where there is little room, the time is left out.
private func drawRow(_ row: [(String, Style)], y: Int, on canvas: inout Canvas) {
  let widths = [10, canvas.width < 78 ? 0 : 18, 11, 15, 8, canvas.width]
  var x = 0
  for (cell, width) in zip(row, widths) where width > 0 {
    canvas.text(cell.0, x: x, y: y, cell.1)
    x += width
  }
}
