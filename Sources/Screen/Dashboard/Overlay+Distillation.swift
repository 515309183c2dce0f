import Run

/// Draws the distillation form.
func drawDistillationPrompt(
  _ prompt: DistillationPrompt, _ view: RunView, on canvas: inout Canvas
) {
  let parent = view.record.status.name
  drawWindow(Size(76, 11), "Distil \(parent)", on: &canvas) { inner in
    drawForm(fields(prompt, parent), width: 30, on: &inner)
    let (text, role): (String, Role) =
      switch prompt.stage {
      case .starting: ("… copying the teacher and starting the new run", .accent)
      case .refused(let reason): ("✗ \(reason)", .bad)
      case .editing:
        prompt.problem.map { ($0, .dim) }
          ?? ("students learn from the frozen teacher, in a new run", .good)
      }
    inner.paragraph(text, x: 0, y: 6, lines: 2, Style(role))
    drawKeys(
      prompt.stage == .starting
        ? [("esc", "close")] : [("enter", "begin"), ("tab ↑ ↓", "field"), ("esc", "cancel")],
      y: inner.height - 1, on: &inner)
  }
}

private func fields(_ prompt: DistillationPrompt, _ parent: String) -> [FormField] {
  let request = prompt.request
  let lines: [(DistillationPrompt.Field, String, String, String)] = [
    (.arch, "students", request.arch, "comma-separated"),
    (.recipe, "recipe", request.recipe, "empty: that of \(parent)"),
    (.name, "name", request.name, "empty: of run and students"),
    (.parent, "parent", "← \(request.pausesParent ? "pauses" : "continues") →", ""),
  ]
  return lines.map { field, label, content, hint in
    FormField(
      label: label, content: content, hint: hint, isSelected: field == prompt.field,
      isTyped: field != .parent)
  }
}
