/// A cleared, framed part in the middle of the screen.
func drawWindow(
  _ size: Size, _ title: String, on canvas: inout Canvas, _ body: (inout Canvas) -> Void
) {
  let place = Rect(Size(canvas.width, canvas.height)).centred(size)
  canvas.fill(place, Style())
  canvas.box(place, title: [(title, Style(.title, .bold))], border: Style(.accent))
  canvas.within(place.inset(3, 1), body)
}

/// A line of a form: what it asks for, what is filled in, and a hint.
struct FormField {
  let label: String
  let content: String
  let hint: String
  let isSelected: Bool
  /// Whether letters go into it; else it is chosen with the arrows.
  var isTyped = true
}

/// The fields of a form below each other, from the second line on.
func drawForm(_ fields: [FormField], width: Int = 22, on canvas: inout Canvas) {
  for (row, field) in fields.enumerated() {
    canvas.text(field.label, x: 0, y: row + 1, Style(field.isSelected ? .accent : .dim))
    let box = Rect(x: 12, y: row + 1, width: width, height: 1)
    let style =
      field.isSelected ? Style(.selectionText, on: .selection, .bold) : Style(.text, .underline)
    canvas.fill(box, style)
    // The end of what is typed stays in sight.
    let end = canvas.text(
      String(field.content.suffix(width - 3)), x: box.x + 1, y: box.y, style, width: width - 2)
    if field.isSelected && field.isTyped { canvas.put("▏", x: end, y: box.y, style) }
    canvas.text(field.hint, x: box.maxX + 2, y: row + 1, Style(.dim))
  }
}

/// Keys and what they do, in one line.
func drawKeys(_ keys: [(key: String, does: String)], y: Int, on canvas: inout Canvas) {
  canvas.text(
    keys.flatMap { [($0.key, Style(.key, .bold)), (" \($0.does)   ", Style(.dim))] }, x: 0, y: y)
}
