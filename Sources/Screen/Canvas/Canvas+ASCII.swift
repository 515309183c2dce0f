extension Canvas {
  /// The same image in plain ASCII, for terminals without UTF-8.
  package var ascii: Canvas {
    var result = self
    for index in cells.indices {
      result.cells[index].glyph = cells[index].glyph.ascii
    }
    return result
  }
}

extension Unicode.Scalar {
  /// The most similar ASCII glyph, or `?` if there is none.
  package var ascii: Unicode.Scalar {
    if value < 127, value >= 32 { return self }
    if (0x2800...0x28ff).contains(value) { return Self.ascii(braille: UInt8(value - 0x2800)) }
    return Self.substitutes[self] ?? (self == Cell.continuation ? " " : "?")
  }

  /// Returns a glyph that shows whether the upper half, the lower half or both halves have dots.
  private static func ascii(braille dots: UInt8) -> Unicode.Scalar {
    let above = dots & 0b0001_1011 != 0
    let below = dots & 0b1110_0100 != 0
    return above && below ? ":" : above ? "'" : below ? "." : " "
  }

  private static let substitutes: [Unicode.Scalar: Unicode.Scalar] = [
    "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "╭": "+", "╮": "+", "╰": "+",
    "╯": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "┊": ":", "╌": "-", "━": "=",
    "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "|", "▍": " ", "▎": " ", "▏": " ", "░": ".",
    "▁": "_", "▂": ".", "▃": ".", "▄": "-", "▅": "-", "▆": "=", "▇": "*",
    "●": "*", "○": "o", "◐": "~", "▶": ">", "‖": "=", "■": "#", "◆": "+", "✓": "v", "✗": "x",
    "▲": "^", "▼": "v", "…": "~", "·": "-", "×": "x", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "–": "-", "±": "~", "❯": ">",
  ]
}
