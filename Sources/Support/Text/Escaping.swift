extension String {
  /// The text as XML has it within an element or a quoted attribute. Characters that have no place
  /// in XML become U+FFFD.
  package var xmlEscaped: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\r", "\t": result += "&#\(scalar.value);"
      case ..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text as a string of JSON, in double quotes. Control characters are escaped, and all else
  /// stays as it is.
  package var jsonQuoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case ..<" ", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The text as a field of a CSV file (RFC 4180): in double quotes if it has a comma, a quote or a
  /// line break.
  package var csvField: String {
    guard unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else {
      return self
    }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
