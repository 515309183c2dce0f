// How numbers and texts are written in YAML.

extension Double {
  /// The shortest text that reads back as exactly this number. Whole numbers have no fraction.
  /// Small numbers are written as in the official code (`1.0e-06`), since YAML 1.1 reads `1e-06`
  /// as a string.
  package var yaml: String {
    if let whole = Int(exactly: self), abs(whole) <= 1 << 53 { return String(whole) }
    let text = description
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }
}

extension String {
  /// A YAML scalar that reads back as this text: the text itself if it is unambiguous, otherwise
  /// in double quotes.
  package var yamlScalar: String {
    let safe = unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-/".unicodeScalars.contains($0))
    }
    let isPlain =
      safe && (first?.isLetter == true || first == "/")
      && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(lowercased())
    guard !isPlain else { return self }
    let escaped = unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": return "\\" + String(scalar)
      // YAML's line breaks, and characters that are not printable in YAML.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}",
        "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: return String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}
