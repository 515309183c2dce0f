extension Canvas {
  /// Writes text in at most `lines` lines, wrapped between words. Text that does not fit is cut
  /// off. Returns the number of lines.
  @discardableResult
  mutating func paragraph(_ text: String, x: Int, y: Int, lines: Int, _ style: Style) -> Int {
    let broken = text.wrapped(width - x)
    for (line, part) in broken.prefix(lines).enumerated() {
      let isCut = line == lines - 1 && broken.count > lines
      self.text(isCut ? broken[line...].joined(separator: " ") : part, x: x, y: y + line, style)
    }
    return min(broken.count, lines)
  }
}

extension String {
  /// Returns the text as lines of at most `width` characters, wrapped between words.
  func wrapped(_ width: Int) -> [String] {
    var lines = [""]
    for word in split(separator: " ") {
      let line = lines[lines.count - 1]
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
      }
    }
    return lines
  }
}
