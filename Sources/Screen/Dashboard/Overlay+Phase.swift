import Run

/// Draws the phase form. Once the daemon has replied, it includes the costs and the new schedules
/// over the current ones.
func drawPhasePrompt(_ prompt: PhasePrompt, _ view: RunView, on canvas: inout Canvas) {
  let isShown = if case .shown = prompt.stage { true } else { false }
  let size = Size(min(canvas.width, 76), isShown ? min(canvas.height, 24) : 11)
  drawWindow(size, "Another resolution: a new phase", on: &canvas) { inner in
    drawForm(fields(prompt, view), on: &inner)
    switch prompt.stage {
    case .editing:
      if case .failure(let error) = prompt.request {
        inner.text(error.description, x: 0, y: 6, Style(.dim))
      } else {
        inner.text("press enter to see what it would cost", x: 0, y: 6, Style(.good))
      }
    case .asking:
      inner.text("… running a trial step between two steps", x: 0, y: 6, Style(.accent))
    case .refused(let reason):
      inner.paragraph("✗ \(reason)", x: 0, y: 6, lines: 2, Style(.bad))
    case .shown(let preview): drawPreview(preview, view, on: &inner)
    }
    drawKeys(promptKeys(prompt), y: inner.height - 1, on: &inner)
  }
}

private func fields(_ prompt: PhasePrompt, _ view: RunView) -> [FormField] {
  let isBack = prompt.choice == PhasePrompt.back
  let hint = isBack ? "" : prompt.choice == nil ? "required" : "empty: as in the recipe"
  let phase = view.record.status.phase
  let lines: [(PhasePrompt.Field, String, String, String)] = [
    (
      .phase, "phase", "← \(prompt.choice ?? "new") →",
      "now \(phase.name), \(phase.globalCropsSize) px"
    ),
    (.size, "global px", prompt.size, hint),
    (.steps, "steps", prompt.steps, hint),
    (.factor, "lr factor", prompt.factor, isBack ? "" : "empty: as in the recipe"),
  ]
  return lines.map { field, label, content, hint in
    FormField(
      label: label, content: content, hint: hint, isSelected: field == prompt.field,
      isTyped: field != .phase)
  }
}

private func drawPreview(_ preview: PhasePreview, _ view: RunView, on canvas: inout Canvas) {
  canvas.text(preview.headline, x: 0, y: 6, Style(preview.refusal == nil ? .good : .bad))
  var y = 7
  for (label, value) in preview.rows.prefix(max(canvas.height - 1 - y, 0)) {
    canvas.text(label, x: 0, y: y, Style(.dim))
    canvas.text(value, x: 12, y: y, Style(label == "refused" ? .bad : .text))
    y += 1
  }
  func plan(_ plan: [PlannedCurve], _ metric: Metric) -> PlannedCurve? {
    plan.first { $0.metric == metric }
  }
  let pairs = [Metric.lr, .weightDecay, .momentumTeacher].compactMap { metric in
    plan(preview.plan, metric).map { after in
      (
        before: plan(view.record.plan, metric)
          ?? PlannedCurve(metric: metric, steps: [], values: []), after: after
      )
    }
  }
  canvas.within(Rect(x: 0, y: y, width: canvas.width, height: canvas.height - 1 - y)) {
    drawPlans(pairs, from: preview.first, on: &$0)
  }
}

private func promptKeys(_ prompt: PhasePrompt) -> [(key: String, does: String)] {
  switch prompt.stage {
  case .editing, .refused:
    [("enter", "preview"), ("tab ↑ ↓", "field"), ("← →", "phase"), ("esc", "cancel")]
  case .asking: [("esc", "cancel")]
  case .shown(let preview):
    (preview.refusal == nil ? [("enter", "begin")] : []) + [("any other key", "change")]
  }
}
