import Support

extension Canvas {
  /// Draws a frame with a title in its top edge, and a note at the right of that edge if it fits.
  package mutating func box(
    _ rect: Rect, title: [(String, Style)] = [], note: String = "", border: Style
  ) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    within(rect) { canvas in
      let (right, bottom) = (canvas.width - 1, canvas.height - 1)
      for x in 1..<max(right, 1) {
        canvas.put("─", x: x, y: 0, border)
        canvas.put("─", x: x, y: bottom, border)
      }
      for y in 1..<max(bottom, 1) {
        canvas.put("│", x: 0, y: y, border)
        canvas.put("│", x: right, y: y, border)
      }
      for (glyph, x, y) in [
        ("╭", 0, 0), ("╮", right, 0), ("╰", 0, bottom), ("╯", right, bottom),
      ] as [(Unicode.Scalar, Int, Int)] {
        canvas.put(glyph, x: x, y: y, border)
      }
      canvas.within(Rect(x: 2, y: 0, width: canvas.width - 4, height: 1)) { edge in
        let end =
          title.isEmpty ? 0 : edge.text([(" ", border)] + title + [(" ", border)], x: 0, y: 0)
        let start = edge.width - note.columns - 2
        if !note.isEmpty, start > end { edge.text(" \(note) ", x: start, y: 0, Style(.dim)) }
      }
    }
  }
}
