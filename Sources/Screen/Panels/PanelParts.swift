import Run
import Support

/// The column before which the values in a panel's lines end.
let trendColumn = 26

/// Draws the common line of panels: a label, a value and a sparkline.
func drawTrend(
  _ label: String, _ value: String, _ values: [Double], on canvas: inout Canvas, y: Int
) {
  canvas.text(label, x: 0, y: y, Style(.dim))
  canvas.text(value, endingAt: trendColumn, y: y, Style(.text))
  canvas.sparkline(values, x: trendColumn + 2, y: y, width: canvas.width - trendColumn - 2)
}

/// Draws items side by side, wrapped at the canvas's width. Returns the row after them.
func drawFlow(_ items: [[(String, Style)]], on canvas: inout Canvas, y: Int) -> Int {
  var (column, row) = (0, y)
  for item in items {
    let columns = item.reduce(0) { $0 + $1.0.columns }
    if column > 0, column + columns > canvas.width { (column, row) = (0, row + 1) }
    column = canvas.text(item, x: column, y: row) + 2
  }
  return row + 1
}

/// Draws metrics as charts side by side, each below its name.
func drawCurves(_ curves: [(Metric, String)], _ view: RunView, on canvas: inout Canvas) {
  let gap = 2
  let width = (canvas.width - gap * (curves.count - 1)) / curves.count
  for (index, (metric, name)) in curves.enumerated() {
    let place = Rect(x: index * (width + gap), y: 0, width: width, height: canvas.height)
    canvas.within(place) { part in
      part.text(name, x: 0, y: 0, Style(.dim))
      part.within(Rect(x: 0, y: 1, width: part.width, height: part.height - 1)) {
        // In the unit of the texts.
        let unit = metric.unit == .bytes ? 1 / 1_048_576.0 : 1
        let curves = overlays(metric, view) + [Series(view.points(metric), .bar)]
        var chart = LineChart(series: curves.unnamed(times: unit), x: view.steps)
        chart.cursor = view.cursor
        chart.draw(on: &$0)
      }
    }
  }
}

/// Draws keys and their meanings in one line. Where there is too little room for all, the last of those before the
/// pinned ones are left out.
///
/// - Parameter pinned: how many at the end are always drawn.
func drawKeys(
  _ keys: [(key: String, does: String)], pinned: Int = 1, y: Int, on canvas: inout Canvas
) {
  let gap = "   "
  var shown = keys
  func width() -> Int {
    shown.reduce(-gap.columns) { $0 + $1.key.columns + 1 + $1.does.columns + gap.columns }
  }
  while shown.count > max(pinned, 1), width() > canvas.width {
    shown.remove(at: shown.count - 1 - pinned)
  }
  canvas.text(
    shown.enumerated().flatMap { place, key in
      [((place > 0 ? gap : "") + key.key, Style(.key, .bold)), (" \(key.does)", Style(.dim))]
    }, x: 0, y: y)
}
