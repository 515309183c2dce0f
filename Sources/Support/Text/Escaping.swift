extension String {
  /// The text escaped for XML, for use within an element or a quoted attribute. Characters that
  /// XML does not allow become U+FFFD.
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

  /// The text as a JSON string with its quotes. Control characters are escaped; everything else is
  /// kept.
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

  /// The text as a field of a CSV file (RFC 4180), in double quotes if it contains a comma, a
  /// quote or a line break.
  package var csvField: String {
    guard unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else {
      return self
    }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
