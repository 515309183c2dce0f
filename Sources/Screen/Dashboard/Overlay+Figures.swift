import Run
import Support

/// Draws the window that explains the figures of a panel: a list of them with their values, and what the
/// selected one means.
func drawFigures(_ browser: FigureBrowser, _ view: RunView, on canvas: inout Canvas) {
  let size = Size(min(canvas.width, 104), min(canvas.height, max(browser.metrics.count, 14) + 4))
  drawWindow(size, "What the figures mean", on: &canvas) { inner in
    let rows = inner.height - 2
    let first = max(0, min(browser.selected - rows / 2, browser.metrics.count - rows))
    // A narrow screen has room for the explanation alone.
    let list = inner.width >= 84 ? 34 : -2
    if list > 0 { drawList(browser, first: first, rows: rows, width: list, view, on: &inner) }
    inner.within(Rect(x: list + 2, y: 0, width: inner.width - list - 2, height: rows)) {
      explain(browser.metric, view, on: &$0)
    }
    let place = "\(browser.selected + 1) of \(browser.metrics.count)"
    drawKeys([("↑ ↓", "figure \(place)"), ("esc", "close")], y: inner.height - 1, on: &inner)
  }
}

private func drawList(
  _ browser: FigureBrowser, first: Int, rows: Int, width list: Int, _ view: RunView,
  on inner: inout Canvas
) {
  for (row, metric) in browser.metrics.dropFirst(first).prefix(rows).enumerated() {
    let isSelected = metric == browser.metric
    let style = isSelected ? Style(.selectionText, on: .selection, .bold) : Style(.text)
    if isSelected { inner.fill(Rect(x: 0, y: row, width: list, height: 1), style) }
    inner.text(metric.rawValue, x: 1, y: row, style, width: 22)
    inner.text(view.text(metric), endingAt: list - 1, y: row, style)
  }
}

private func explain(_ metric: Metric, _ view: RunView, on canvas: inout Canvas) {
  guard let figure = Figure.of(metric) else { return }
  canvas.text(
    [(metric.rawValue + "  ", Style(.title, .bold)), (view.text(metric), Style(.text))], x: 0, y: 0)
  var y = 1
  func part(_ title: String?, _ text: String, _ style: Style, on canvas: inout Canvas) {
    guard y < canvas.height else { return }
    if let title {
      canvas.text(title, x: 0, y: y, Style(.dim))
      y += 1
    }
    y += canvas.paragraph(text, x: 0, y: y, lines: max(canvas.height - y, 1), style)
  }
  part(nil, figure.what, Style(.text), on: &canvas)
  if let formula = figure.formula { part(nil, formula, Style(.accent), on: &canvas) }
  if let healthy = figure.healthy(view.record.status) {
    part("healthy in this run", healthy, Style(.good), on: &canvas)
  }
  part("otherwise", figure.otherwise, Style(.text), on: &canvas)
}
