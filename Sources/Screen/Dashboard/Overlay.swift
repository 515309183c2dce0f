import Run
import Support

/// Draws the window over the dashboard, if there is one.
func drawOverlay(_ view: RunView, on canvas: inout Canvas) {
  switch view.state.overlay {
  case nil, .search, .runs: return
  case .help: drawHelp(view, on: &canvas)
  case .explanation(let panel): drawExplanation(panel, on: &canvas)
  case .confirm(let change): drawConfirmation(change, view, on: &canvas)
  case .set(let prompt): drawSetPrompt(prompt, view, on: &canvas)
  case .phase(let prompt): drawPhasePrompt(prompt, view, on: &canvas)
  case .distil(let prompt): drawDistillationPrompt(prompt, view, on: &canvas)
  case .figures(let browser): drawFigures(browser, view, on: &canvas)
  case .command(let prompt): drawCommand(prompt, view, on: &canvas)
  case .undo(let entries, let change): drawUndo(entries, change, view, on: &canvas)
  }
}

/// Draws what a panel without figures shows.
private func drawExplanation(_ panel: Panel, on canvas: inout Canvas) {
  let size = Size(min(canvas.width, 76), min(canvas.height, 16))
  drawWindow(size, "How to read \(panel.title.lowercased())", on: &canvas) { inner in
    var y = 0
    for text in panel.explanation ?? [] where y < inner.height - 1 {
      let gap = inner.height < 14 ? 0 : 1
      y += inner.paragraph(text, x: 0, y: y, lines: inner.height - 1 - y, Style(.text)) + gap
    }
    drawKeys([("any key", "close")], y: inner.height - 1, on: &inner)
  }
}

/// Draws the table of keys, in two columns if the screen is low.
private func drawHelp(_ view: RunView, on canvas: inout Canvas) {
  var lines: [[(String, Style)]] = []
  for (title, bindings) in KeyBinding.sections {
    if !lines.isEmpty { lines.append([]) }
    lines.append([(title, Style(.title, .bold))])
    let shown = bindings.filter { !view.isCuration || !$0.action.isForTraining }
    for (place, binding) in shown.enumerated()
    where place == 0 || shown[place - 1].help != binding.help {
      let alike = shown[place...].prefix { $0.help == binding.help }
      lines.append([
        (keyNames(alike, panels: view.panels.count).padded(14), Style(.key)),
        (binding.help, Style(.text)),
      ])
    }
  }
  let columns = lines.count + 2 > canvas.height ? 2 : 1
  // In two columns there is no room for rows between the sections.
  if columns == 2 { lines.removeAll(where: \.isEmpty) }
  let rows = (lines.count + columns - 1) / columns
  let width = columns == 1 ? 48 : canvas.width
  drawWindow(Size(width, rows + 2), "Keys", on: &canvas) { inner in
    let column = inner.width / columns
    for (index, line) in lines.enumerated() {
      let place = Rect(x: index / rows * column, y: index % rows, width: column - 1, height: 1)
      inner.within(place) { $0.text(line, x: 0, y: 0) }
    }
  }
}

/// The names of the keys of bindings that share a line.
private func keyNames(_ bindings: ArraySlice<KeyBinding>, panels: Int) -> String {
  if case .panel? = bindings.first?.action { return panels < 10 ? "1 – \(panels)" : "1 – 9, 0" }
  return bindings.flatMap(\.keys).map(\.name).joined(separator: " ")
}

private func drawConfirmation(_ change: Change, _ view: RunView, on canvas: inout Canvas) {
  let status = view.record.status
  let title = change == .stop ? "Stop \(status.name)?" : "\(change.summary)?"
  drawWindow(Size(58, 7), title, on: &canvas) { inner in
    for (row, line) in cost(of: change, view).enumerated() { inner.text(line, x: 0, y: 1 + row) }
    drawKeys([("y", change.kind.command), ("any other key", "cancel")], y: 4, on: &inner)
  }
}
