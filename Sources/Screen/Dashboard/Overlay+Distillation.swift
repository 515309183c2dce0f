import Metrics

/// The form of a distillation.
func drawDistillationPrompt(
  _ prompt: DistillationPrompt, _ view: RunView, on canvas: inout Canvas
) {
  let parent = view.record.status.name
  drawWindow(Size(76, 11), "Distil \(parent)", on: &canvas) { inner in
    drawFields(prompt, parent, on: &inner)
    let (text, role): (String, Role) =
      switch prompt.stage {
      case .starting: ("… its teacher is copied, and the new run begins", .accent)
      case .refused(let reason): ("✗ \(reason)", .bad)
      case .editing:
        prompt.problem.map { ($0, .dim) }
          ?? ("students learn from the frozen teacher, in a run of their own", .good)
      }
    inner.paragraph(text, x: 0, y: 6, lines: 2, Style(role))
    drawKeys(prompt, on: &inner)
  }
}

private func drawFields(
  _ prompt: DistillationPrompt, _ parent: String, on canvas: inout Canvas
) {
  let request = prompt.request
  let fields: [(DistillationPrompt.Field, String, String, String)] = [
    (.arch, "students", request.arch, "several: with commas"),
    (.recipe, "recipe", request.recipe, "empty: that of \(parent)"),
    (.name, "name", request.name, "empty: of run and students"),
    (.parent, "parent", "← \(request.pausesParent ? "waits" : "goes on") →", ""),
  ]
  for (row, (field, label, content, hint)) in fields.enumerated() {
    let isSelected = field == prompt.field
    canvas.text(label, x: 0, y: row + 1, Style(isSelected ? .accent : .dim))
    let box = Rect(x: 12, y: row + 1, width: 30, height: 1)
    let style =
      isSelected ? Style(.selectionText, on: .selection, .bold) : Style(.text, .underline)
    canvas.fill(box, style)
    // The end of what is typed stays in sight.
    let end = canvas.text(
      String(content.suffix(box.width - 3)), x: box.x + 1, y: box.y, style, width: box.width - 2)
    if isSelected, field != .parent { canvas.put("▏", x: end, y: box.y, style) }
    canvas.text(hint, x: box.maxX + 2, y: row + 1, Style(.dim))
  }
}

private func drawKeys(_ prompt: DistillationPrompt, on canvas: inout Canvas) {
  let keys =
    prompt.stage == .starting
    ? [("esc", "close")] : [("enter", "begin"), ("tab ↑ ↓", "field"), ("esc", "cancel")]
  canvas.text(
    keys.flatMap { [($0.0, Style(.key, .bold)), (" \($0.1)   ", Style(.dim))] },
    x: 0, y: canvas.height - 1)
}
