import Run
import Support

/// Draws the form that changes a schedule, with the schedule as it is and as it would be.
func drawSetPrompt(_ prompt: SetPrompt, _ view: RunView, on canvas: inout Canvas) {
  let size = Size(min(canvas.width, 76), min(canvas.height, 24))
  drawWindow(size, "Change a schedule", on: &canvas) { inner in
    drawForm(fields(prompt, view), on: &inner)
    let y = SetPrompt.Field.allCases.count + 1
    switch prompt.change {
    case .success(let change):
      let rows = inner.paragraph(changeText(change), x: 0, y: y, lines: 2, Style(.good))
      let rest = Rect(
        x: 0, y: y + rows, width: inner.width, height: inner.height - y - rows - 1)
      inner.within(rest) { drawExpectation(of: change, view, on: &$0) }
    case .failure(let error):
      let isEarnest = prompt.wasRefused || !prompt.value.isEmpty
      inner.paragraph(
        error.description, x: 0, y: y, lines: 2, Style(isEarnest ? .bad : .dim))
    }
    drawKeys(
      [("enter", "apply"), ("tab ↑ ↓", "field"), ("← →", "change"), ("esc", "cancel")],
      y: inner.height - 1, on: &inner)
  }
}

private func fields(_ prompt: SetPrompt, _ view: RunView) -> [FormField] {
  let limits = prompt.metric.limits.map {
    "\(Format.plain($0.lowerBound)) to \(Format.plain($0.upperBound))"
  }
  let now = view.latest(prompt.metric).map(Format.number) ?? "–"
  let lines: [(SetPrompt.Field, String, String, String)] = [
    (.schedule, "schedule", "← \(prompt.metric.rawValue) →", "now \(now)"),
    (.value, "value", prompt.value, limits.map { "\($0), x0.3, recipe" } ?? ""),
    (.over, "over steps", prompt.over, "empty: at once"),
    (.shape, "shape", "← \(prompt.shape.rawValue) →", "over these steps"),
    (.start, "from step", prompt.start, "empty: the next; +500"),
  ]
  return lines.map { field, label, content, hint in
    FormField(
      label: label, content: content, hint: hint, isSelected: field == prompt.field,
      isTyped: ![.schedule, .shape].contains(field))
  }
}

/// Returns what a change does, and what comes after it.
private func changeText(_ change: Change) -> String {
  guard case .set(let set) = change else { return change.summary }
  let then =
    set.value == nil ? "then along the recipe's schedule" : "then flat until the phase ends"
  return "\(change.summary), \(then)"
}

/// Draws what a change that is being typed would do, once the daemon has said it.
func drawExpectation(of change: Change, _ view: RunView, on canvas: inout Canvas) {
  guard let expected = view.state.expectation, expected.change == change, canvas.height > 0 else {
    return
  }
  guard let answer = expected.answer else {
    canvas.text("…", x: 0, y: 0, Style(.dim))
    return
  }
  guard answer.refusal == nil else {
    canvas.paragraph(
      "✗ " + answer.lines[0], x: 0, y: 0, lines: min(3, canvas.height), Style(.bad))
    return
  }
  let lines = answer.lines.prefix(canvas.height)
  for (row, line) in lines.enumerated() { canvas.text(line, x: 0, y: row, Style(.text)) }
  let rest = Rect(
    x: 0, y: lines.count, width: canvas.width, height: canvas.height - lines.count)
  canvas.within(rest) { answer.drawPlans(on: &$0) }
}
