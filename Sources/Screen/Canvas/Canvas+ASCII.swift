extension Canvas {
  /// The same picture in plain ASCII, for terminals that know no UTF-8.
  package var ascii: Canvas {
    var result = self
    for index in cells.indices {
      result.cells[index].glyph = cells[index].glyph.ascii
    }
    return result
  }
}

extension Unicode.Scalar {
  /// The nearest ASCII glyph.
  package var ascii: Unicode.Scalar {
    if value < 127, value >= 32 { return self }
    if (0x2800...0x28ff).contains(value) { return Self.ascii(braille: UInt8(value - 0x2800)) }
    return Self.substitutes[self] ?? (self == Cell.continuation ? " " : "?")
  }

  /// Half a cell's worth of height: dots above, dots below, or both.
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
