/// Text that came from outside, made harmless to a terminal and to a log.
///
/// File names, names of clients and messages of libraries may hold control characters, which move a
/// cursor, change colours or begin a line that looks like another entry. Everything that is shown or
/// written down goes through this filter once, where it enters.
package enum PrintableText {
  /// The text on one line: a control character is written as its escape, such as `\x1b` or `\n`.
  ///
  /// - Parameter limit: the most characters that are kept; the rest is cut off.
  package static func line(_ text: String, limit: Int = .max) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      if isPrintable(scalar) {
        line.unicodeScalars.append(scalar)
      } else {
        line += escape(scalar)
      }
    }
    return line.count <= limit ? line : String(line.prefix(limit))
  }

  /// Whether the text has no character that `line` would escape.
  package static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { isPrintable($0) }
  }

  /// Control characters, line and paragraph separators and marks that turn the direction of writing
  /// are not printable.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x202A...0x202E, 0x2066...0x2069: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: return false
    default: return true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      let digits = String(scalar.value, radix: 16)
      return scalar.value < 0x100
        ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
    }
  }
}
