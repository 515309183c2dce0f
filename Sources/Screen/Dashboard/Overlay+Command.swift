import Run
import Support

/// Draws the line in which a command is typed, with what it would do and what may come next.
func drawCommand(_ prompt: CommandPrompt, _ view: RunView, on canvas: inout Canvas) {
  let size = Size(min(canvas.width, 92), min(canvas.height, 22))
  drawWindow(size, "Command, or a step", on: &canvas) { inner in
    let end = inner.text(
      [(": ", Style(.key, .bold)), (String(prompt.text.suffix(inner.width - 4)), Style(.text))],
      x: 0, y: 0)
    inner.put("▏", x: end, y: 0, Style(.accent))
    switch prompt.change {
    case .success(let change)?:
      inner.text("\(change.kind.summary): \(change.summary)", x: 0, y: 1, Style(.good))
    case .failure(let error)?:
      inner.text(error.description, x: 0, y: 1, Style(prompt.wasRefused ? .bad : .dim))
    case nil:
      if let shell = prompt.shell { inner.text(shell.command.summary, x: 0, y: 1, Style(.good)) }
    }
    let completions = prompt.completions
    let isForeseen = view.state.expectation != nil
    let shown = completions.prefix(isForeseen ? min(5, inner.height - 4) : inner.height - 4)
    for (row, (word, meaning)) in shown.enumerated() {
      inner.text([(word.padded(20), Style(.key)), (meaning, Style(.dim))], x: 0, y: row + 3)
    }
    if case .success(let change)? = prompt.change, isForeseen {
      let y = shown.count + 4
      let rest = Rect(x: 0, y: y, width: inner.width, height: inner.height - y - 1)
      inner.within(rest) { drawExpectation(of: change, view, on: &$0) }
    }
    drawKeys(
      [("enter", "do it"), ("tab", "complete"), ("↑ ↓", "earlier lines"), ("esc", "cancel")],
      y: inner.height - 1, on: &inner)
  }
}

/// Asks whether to take back a change.
func drawUndo(
  _ entries: [JournalEntry], _ change: Change, _ view: RunView, on canvas: inout Canvas
) {
  drawWindow(Size(min(canvas.width, 72), 9), "Take back a change?", on: &canvas) { inner in
    let what = entries.map(\.change.summary).joined(separator: ", ")
    let whose = entries.first.map { ", by \($0.client), step \(Format.count($0.step))" } ?? ""
    inner.paragraph(what + whose, x: 0, y: 1, lines: 2, Style(.text))
    inner.text("from now on: \(change.summary)", x: 0, y: 3, Style(.accent))
    if change.isFinal {
      inner.text(cost(of: change, view).joined(separator: " "), x: 0, y: 4, Style(.warn))
    }
    drawKeys([("y", "take it back"), ("any other key", "cancel")], y: 6, on: &inner)
  }
}
