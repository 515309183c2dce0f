import Run
import Support

/// Draws a frame of the given size.
package func drawDashboard(_ view: RunView, size: Size) -> Canvas {
  var canvas = Canvas(size)
  let state = view.state
  guard
    let layout = Layout(
      size, panel: view.panel, isExpanded: state.isExpanded, kind: view.record.status.kind)
  else {
    drawTooSmall(on: &canvas)
    return canvas
  }
  canvas.within(layout.header) {
    drawHeader(view, showsFurther: !layout.isTabbed && !view.isCuration, on: &$0)
  }
  for (panel, place) in layout.panels {
    let isSelected = panel == view.panel
    let border = Style(isSelected && !layout.isTabbed ? .accent : .border)
    canvas.box(
      place, title: layout.isTabbed ? tabs(view, width: place.width) : panelTitle(panel, view),
      note: panelNote(panel, view), border: border)
    canvas.within(place.inset(2, 1)) { drawPanel(panel, view, on: &$0) }
  }
  canvas.within(layout.footer) { drawFooter(view, on: &$0) }
  drawOverlay(view, on: &canvas)
  return canvas
}

/// Draws a message, for use before anything is known of the run.
package func drawMessage(_ text: String, size: Size) -> Canvas {
  var canvas = Canvas(size)
  canvas.text(
    text, x: max((size.width - text.columns) / 2, 0), y: size.height / 2, Style(.dim))
  return canvas
}

private func drawPanel(_ panel: Panel, _ view: RunView, on canvas: inout Canvas) {
  switch panel {
  case .losses: drawLosses(view, on: &canvas)
  case .throughput: drawThroughput(view, on: &canvas)
  case .health: drawHealth(view, on: &canvas)
  case .schedules: drawSchedules(view, on: &canvas)
  case .probe: drawProbe(view, on: &canvas)
  case .log: drawLog(view, on: &canvas)
  case .pictures: drawPictures(view, on: &canvas)
  case .changes: drawChanges(view, on: &canvas)
  case .checkpoints: drawCheckpoints(view, on: &canvas)
  case .system: drawSystem(view, on: &canvas)
  case .stages: drawStages(view, on: &canvas)
  }
}

private func panelTitle(_ panel: Panel, _ view: RunView) -> [(String, Style)] {
  [
    ("\(view.digit(of: panel)) ", Style(.key)),
    (panel.title, Style(panel == view.panel ? .accent : .title, .bold)),
  ]
}

/// Returns the names of all panels, with the selected one highlighted. Where there is no room for all names,
/// the others are their digits alone.
private func tabs(_ view: RunView, width: Int) -> [(String, Style)] {
  let isNarrow = Layout.hasNarrowTabs(view.panels, width: width)
  var pieces: [(String, Style)] = []
  for panel in view.panels {
    if !pieces.isEmpty { pieces.append((" ", Style(.border))) }
    let isSelected = panel == view.panel
    let word = isSelected ? Style(.selectionText, on: .selection, .bold) : Style(.dim)
    let digit = isSelected ? Style(.selectionText, on: .selection) : Style(.key)
    pieces.append((isSelected ? " " : "", word))
    pieces.append((view.digit(of: panel), digit))
    if isSelected || !isNarrow { pieces.append((" " + panel.title, word)) }
    pieces.append((isSelected ? " " : "", word))
  }
  return pieces
}

/// Names the runs that are laid over the curves, of panels whose charts have no room for their names.
private func laidOver(_ view: RunView) -> String? {
  let names = view.overlaid.map(\.name)
  return names.isEmpty ? nil : "with " + names.joined(separator: ", ")
}

extension [String?] {
  /// The texts that there are, with points between them.
  fileprivate var joinedByPoints: String { compactMap(\.self).joined(separator: " · ") }
}

/// Returns the note at the right of a panel's top edge.
private func panelNote(_ panel: Panel, _ view: RunView) -> String {
  switch panel {
  case .losses: return view.scope(scaled: true)
  case .throughput, .health:
    let scope = view.state.window == nil ? nil : view.scope(scaled: false)
    return [scope, view.state.isExpanded ? laidOver(view) : nil].joinedByPoints
  case .schedules: return ["planned run", laidOver(view)].joinedByPoints
  case .stages: return Format.count(view.record.status.phase.count, "stage")
  case .probe:
    guard let last = view.record.evaluations.last else { return "k-NN" }
    let images = Format.count(last.images, "image")
    return last.classes > 0
      ? "k-NN · \(images) · \(Format.count(last.classes, "class"))" : "no labels · \(images)"
  case .system:
    let process = view.record.status.machine.map {
      "\($0.host) · process \(view.record.status.pid)"
    }
    return [process, laidOver(view)].joinedByPoints
  case .pictures: return view.state.pictures.title
  case .log, .changes:
    let count = panel.rows(view.record, filter: view.state.filter)
    let what = panel == .log ? "event" : "change"
    let filter = view.state.filter.isEmpty ? "" : " with '\(view.state.filter)'"
    if let cursor = view.state.cursor { return "up to step \(Format.count(cursor))" + filter }
    return view.state.logScroll == 0
      ? Format.count(count, what) + filter
      : "\(Format.count(view.state.logScroll)) newer below" + filter
  case .checkpoints: return view.checkpoints.map { Format.count($0.count, "checkpoint") } ?? ""
  }
}

private func drawTooSmall(on canvas: inout Canvas) {
  let need = "dino needs \(Layout.smallest.width) × \(Layout.smallest.height) cells"
  let have = "this terminal has \(canvas.width) × \(canvas.height)"
  let y = max(canvas.height / 2 - 1, 0)
  canvas.text(need, x: max((canvas.width - need.columns) / 2, 0), y: y, Style(.warn))
  canvas.text(have, x: max((canvas.width - have.columns) / 2, 0), y: y + 1, Style(.dim))
}
