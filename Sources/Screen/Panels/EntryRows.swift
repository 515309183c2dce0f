import Support

/// A row of a list of events or changes: what stands in columns, and a text that may need several lines.
struct EntryRow {
  /// When, at which step, and by whom or of what kind.
  let lead: [(String, Style)]
  let text: String
  let style: Style
  /// What became of it; empty if nothing did.
  var fate = ""

  private var words: String { fate.isEmpty ? text : "\(text) – \(fate)" }

  /// Returns the lines of the text beside the lead, at most three, and one where there is little room.
  func lines(width: Int, isRoomy: Bool) -> [String] {
    let room = max(width - lead.reduce(0) { $0 + $1.0.columns }, 20)
    guard isRoomy else { return [words] }
    let broken = words.wrapped(room)
    return broken.count <= 3
      ? broken : Array(broken[..<2]) + [broken[2...].joined(separator: " ")]
  }
}

/// Draws rows, the newest at the bottom. A list that has much room breaks long texts.
func drawEntries(_ rows: [EntryRow], on canvas: inout Canvas) {
  let isRoomy = canvas.height >= 12
  var shown: [(row: EntryRow, lines: [String])] = []
  var height = 0
  for row in rows.reversed() {
    let lines = row.lines(width: canvas.width, isRoomy: isRoomy)
    guard height + lines.count <= canvas.height || shown.isEmpty else { break }
    height += lines.count
    shown.append((row, lines))
  }
  var y = 0
  for (row, lines) in shown.reversed() {
    let x = canvas.text(row.lead, x: 0, y: y)
    for line in lines {
      canvas.text(line, x: x, y: y, row.style)
      y += 1
    }
  }
}
