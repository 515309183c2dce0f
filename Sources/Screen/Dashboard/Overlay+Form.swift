/// Draws a framed window in the middle of the screen. `body` draws its contents.
func drawWindow(
  _ size: Size, _ title: String, on canvas: inout Canvas, _ body: (inout Canvas) -> Void
) {
  let place = Rect(Size(canvas.width, canvas.height)).centred(size)
  canvas.fill(place, Style())
  canvas.box(place, title: [(title, Style(.title, .bold))], border: Style(.accent))
  canvas.within(place.inset(3, 1), body)
}

/// A line of a form: a label, the contents and a hint.
struct FormField {
  let label: String
  let content: String
  let hint: String
  let isSelected: Bool
  /// Whether the field is typed into. Otherwise a value is chosen with the arrow keys.
  var isTyped = true
}

/// Draws the fields of a form, one below the other, beginning at the second line.
func drawForm(_ fields: [FormField], width: Int = 22, on canvas: inout Canvas) {
  for (row, field) in fields.enumerated() {
    canvas.text(field.label, x: 0, y: row + 1, Style(field.isSelected ? .accent : .dim))
    let box = Rect(x: 12, y: row + 1, width: width, height: 1)
    let style =
      field.isSelected ? Style(.selectionText, on: .selection, .bold) : Style(.text, .underline)
    canvas.fill(box, style)
    // Only the end of a long text is shown.
    let end = canvas.text(
      String(field.content.suffix(width - 3)), x: box.x + 1, y: box.y, style, width: width - 2)
    if field.isSelected && field.isTyped { canvas.put("▏", x: end, y: box.y, style) }
    canvas.text(field.hint, x: box.maxX + 2, y: row + 1, Style(.dim))
  }
}
