import Run
import Support

/// Draws the list of all runs over the whole screen. `rows` is `nil` until they have been read.
///
/// - Parameter notice: what came of the last command.
package func drawRunList(
  _ list: RunList, _ rows: [RunRow]?, notice: RunViewState.Notice? = nil, now: Double, size: Size
) -> Canvas {
  var canvas = Canvas(size)
  let frame = Rect(x: 0, y: 0, width: size.width, height: max(size.height - 2, 0))
  canvas.box(
    frame, title: [("Runs", Style(.title, .bold))], note: countText(list, rows),
    border: Style(.border))
  canvas.within(frame.inset(2, 1)) { inner in
    guard let rows else {
      inner.text("… asking", x: 0, y: inner.height / 2, Style(.dim))
      return
    }
    let shown = list.shown(rows)
    guard !shown.isEmpty else {
      let text = rows.isEmpty ? "there is no run yet" : "no run has '\(list.filter)' in its name"
      inner.text(text, x: 0, y: inner.height / 2, Style(.dim))
      return
    }
    drawRows(list, shown, now: now, on: &inner)
  }
  canvas.within(Rect(x: 2, y: size.height - 2, width: size.width - 4, height: 2)) {
    drawRunListKeys(list, notice, on: &$0)
  }
  if list.question == .help { drawRunListHelp(on: &canvas) }
  return canvas
}

private func countText(_ list: RunList, _ rows: [RunRow]?) -> String {
  guard let rows else { return "" }
  let runs = rows.filter { $0.place != nil }
  let alive = runs.count { $0.summary?.alive == true }
  return "\(Format.count(runs.count, "run")), \(Format.count(alive)) being trained · "
    + "by \(list.order.rawValue)"
}

/// The columns of the list beside the names.
private struct RunColumns {
  /// A heading, the width, and whether texts end at the right edge.
  private let all: [(title: String, width: Int, isRight: Bool)]
  private let names: Int

  /// Chooses the columns for which there is room.
  init(_ width: Int) {
    var room = width - 22
    all = [
      ("STATE", 13, false), ("DONE", 6, true), ("K-NN", 8, true), ("LOSS", 8, true),
      ("STEP", 11, true), ("IMAGES/S", 10, true), ("LEFT", 13, true), ("LAST STEP", 14, true),
    ].filter { column in
      room -= column.1
      return room >= 0
    }
    names = width - all.reduce(0) { $0 + $1.width }
  }

  /// Draws a row. The last cell of a run of which nothing is known takes the rest of it.
  func draw(
    _ name: [(String, Style)], _ cells: [(String, Style)], y: Int, on canvas: inout Canvas
  ) {
    canvas.within(Rect(x: 0, y: y, width: names - 1, height: 1)) { $0.text(name, x: 0, y: 0) }
    var x = names
    for (place, (column, cell)) in zip(all, cells).enumerated() {
      let isLast = place == cells.count - 1
      if column.isRight, !isLast || cells.count >= all.count {
        canvas.text(cell.0, endingAt: x + column.width, y: y, cell.1)
      } else {
        canvas.text(cell.0, x: x + 1, y: y, cell.1, width: isLast ? .max : column.width - 1)
      }
      x += column.width
    }
  }

  func drawHeadings(on canvas: inout Canvas) {
    draw([("  NAME", Style(.dim))], all.map { ($0.title, Style(.dim)) }, y: 0, on: &canvas)
  }
}

private func drawRows(_ list: RunList, _ shown: [RunRow], now: Double, on canvas: inout Canvas) {
  let columns = RunColumns(canvas.width)
  columns.drawHeadings(on: &canvas)
  let room = max(canvas.height - 1, 1)
  let here = list.place(in: shown)
  let first = max(0, min(here - room / 2, shown.count - room))
  for (row, run) in shown.dropFirst(first).prefix(room).enumerated() {
    let isSelected = first + row == here
    let chosen = Style(.selectionText, on: .selection, .bold)
    if isSelected {
      canvas.fill(Rect(x: 0, y: row + 1, width: canvas.width, height: 1), chosen)
    }
    let name = [
      (list.marked[run.label] != nil ? "◆ " : "  ", Style(.accent)),
      (list.order == .tree ? run.branch : "", Style(.dim)), (run.label, Style(.text, .bold)),
    ]
    func styled(_ cells: [(String, Style)]) -> [(String, Style)] {
      isSelected ? cells.map { ($0.0, chosen) } : cells
    }
    columns.draw(styled(name), styled(runCells(run, now: now)), y: row + 1, on: &canvas)
  }
}

/// Returns what is known of a run, column by column.
private func runCells(_ row: RunRow, now: Double) -> [(String, Style)] {
  guard let run = row.summary else {
    return [(row.state, Style(.bad))]
      + (row.problem.map { [($0, Style(.dim))] } ?? [])
  }
  let (glyph, _, role) =
    run.state == "interrupted" ? ("✗", "", Role.warn) : run.status.state.appearance
  let part = Double(run.status.step) / Double(max(run.status.steps, 1))
  return [
    ("\(glyph) \(run.state)", Style(role)), (Format.printf("%.0f %%", part * 100), Style(.text)),
    (row.accuracy.map(Format.percent) ?? "–", Style(.probeLearned)),
    (run.values[.totalLoss].map(Format.loss) ?? "–", Style(.text)),
    (Format.count(run.status.step), Style(.dim)),
    (run.values[.imagesPerSecond].map(Format.number) ?? "–", Style(.text)),
    (run.alive ? run.status.timeLeft.map(Format.duration) ?? "–" : "–", Style(.text)),
    (run.time.map { Format.duration(max(now - $0, 0)) + " ago" } ?? "–", Style(.dim)),
  ]
}

/// What the keys of the list do: each with a word for the last line, and a sentence for the help.
private let listKeys: [(key: String, does: String, help: String)] = [
  ("enter", "show", "show the run that is selected"),
  ("space", "lay over", "lay its curves over those of the run that you show, or not"),
  ("n", "new", "begin a run: type the path of a recipe"),
  ("s", "order", "as a tree, the newest first, by name, by k-NN"),
  ("/", "search", "only runs with a text in their names"),
  ("r", "rename", "give it another name"),
  ("x", "remove", "remove it with all its files; asks first"),
  ("?", "help", "this help"),
  ("esc", "close", "back to the dashboard"),
]

private func drawRunListKeys(
  _ list: RunList, _ notice: RunViewState.Notice?, on canvas: inout Canvas
) {
  if list.isTyping {
    canvas.text(list.search.line, x: 0, y: 0, Style(.accent))
  } else if let line = list.question?.line {
    canvas.text(line.text, x: 0, y: 0, Style(line.role))
  } else if let notice {
    canvas.text(notice.text, x: 0, y: 0, Style(notice.role))
  } else if !list.marked.isEmpty {
    canvas.text(
      "the curves of \(list.marked.keys.sorted().joined(separator: ", ")) are laid over the run that you show",
      x: 0, y: 0, Style(.accent))
  }
  drawKeys(listKeys.map { ($0.key, $0.does) }, pinned: 2, y: 1, on: &canvas)
}

private func drawRunListHelp(on canvas: inout Canvas) {
  let size = Size(min(canvas.width, 76), listKeys.count + 4)
  drawWindow(size, "The list of runs", on: &canvas) { inner in
    for (row, key) in listKeys.enumerated() {
      inner.text([(key.key.padded(8), Style(.key)), (key.help, Style(.text))], x: 0, y: row)
    }
    inner.text("↑ ↓ pgup pgdn g G select a run", x: 0, y: listKeys.count + 1, Style(.dim))
  }
}

extension RunList.Question {
  /// The line that asks, if there is one.
  fileprivate var line: (text: String, role: Role)? {
    switch self {
    case .help: nil
    case .remove(let run):
      ("remove \(run.name) with all its files? y removes, any other key cancels", .warn)
    case .rename(let run, let name):
      ("new name of \(run.name): \(name.text)▏   enter renames, esc cancels", .accent)
    case .start(let recipe):
      ("recipe of the new run: \(recipe.text)▏   enter starts it, esc cancels", .accent)
    }
  }
}
