extension Unicode.Scalar {
  /// Whether this is a control character (C0, DEL or C1), which a terminal does not display.
  package var isControl: Bool { value < 32 || (127..<160).contains(value) }

  /// The number of terminal columns of the character: 0 for marks that combine with the character
  /// before them, 2 for East Asian wide characters and emoji, otherwise 1.
  package var columns: Int {
    switch value {
    case ..<0x300: 1
    case 0x300...0x36f, 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x206f, 0x20d0...0x20ff,
      0xfe00...0xfe0f, 0xfe20...0xfe2f, 0xfeff:
      0
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff,
      0x20000...0x3fffd:
      2
    default: properties.generalCategory == .nonspacingMark ? 0 : 1
    }
  }
}

extension String {
  /// The number of terminal columns of the text.
  package var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

  /// Returns the text padded with spaces to `width` columns: at its end or, if `right`, at its
  /// beginning, as for numbers in a table. Longer text is returned unchanged.
  package func padded(_ width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(width - columns, 0))
    return right ? space + self : self + space
  }

  /// The text without trailing spaces.
  package var trimmedEnd: String {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...last])
  }
}
