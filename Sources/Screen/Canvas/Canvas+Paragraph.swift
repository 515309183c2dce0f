extension Canvas {
  /// Text in at most so many lines, broken between words; what is beyond the last line is cut off.
  mutating func paragraph(_ text: String, x: Int, y: Int, lines: Int, _ style: Style) {
    let broken = text.wrapped(width - x)
    for (line, part) in broken.prefix(lines).enumerated() {
      let isCut = line == lines - 1 && broken.count > lines
      self.text(isCut ? broken[line...].joined(separator: " ") : part, x: x, y: y + line, style)
    }
  }
}

extension String {
  /// Lines of at most so many characters, broken between words.
  fileprivate func wrapped(_ width: Int) -> [String] {
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
