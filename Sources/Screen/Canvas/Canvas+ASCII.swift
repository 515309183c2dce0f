extension Canvas {
  /// The same image in plain ASCII, for terminals without UTF-8.
  package var ascii: Canvas {
    var result = self
    for index in cells.indices {
      let style = cells[index].style
      result.cells[index].glyph =
        style.pixels.map { $0.shade(of: Self.asciiShades) } ?? cells[index].glyph.ascii
    }
    return result
  }
}

extension Canvas {
  /// The same with pictures in shades, for terminals without colours.
  package var shaded: Canvas {
    var result = self
    for index in cells.indices {
      guard let pixels = cells[index].style.pixels else { continue }
      result.cells[index].glyph = pixels.shade(of: Self.shades)
    }
    return result
  }

  private static let shades: [Unicode.Scalar] = [" ", "░", "▒", "▓", "█"]
  fileprivate static let asciiShades: [Unicode.Scalar] = [" ", ".", ":", "-", "=", "+", "*", "#"]
}

extension Style.Pixels {
  /// Returns the shade of the mean brightness of both pixels.
  fileprivate func shade(of shades: [Unicode.Scalar]) -> Unicode.Scalar {
    let weights = SIMD3<Float>(0.299, 0.587, 0.114)
    let sum = [upper, lower].reduce(Float(0)) { $0 + (($1.components ?? .zero) * weights).sum() }
    return shades[min(Int(sum / 512 * Float(shades.count)), shades.count - 1)]
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
