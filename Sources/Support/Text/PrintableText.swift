/// Functions that make text from outside safe for terminals and logs.
///
/// File names, client names and messages of libraries may contain control characters, which can
/// move the cursor, change colours or begin a line that looks like another log entry. All such
/// text is filtered once, where it enters the program.
package enum PrintableText {
  /// Returns the text on one line. Control characters are written as escapes, such as `\x1b` or
  /// `\n`, and so are bytes of a file name that are not UTF-8.
  ///
  /// - Parameter limit: The largest number of characters to keep; the rest is cut off.
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

  /// Returns the text of an error on one line of at most 1901 characters, whatever it quotes. The
  /// middle of a longer one is left out, since the place is at the beginning and the remedy at the
  /// end.
  package static func message(_ text: String) -> String {
    let (start, end, most) = (1600, 300, 1900)
    let given = text.unicodeScalars
    let first = line(String(given.prefix(most))).unicodeScalars
    if given.count <= most && first.count <= most { return String(first) }
    let last = line(String(given.suffix(end))).unicodeScalars
    return String(first.prefix(start)) + "…" + String(last.suffix(end))
  }

  /// Returns whether the text has no character that `line(_:limit:)` would escape.
  package static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { isPrintable($0) }
  }

  /// Returns whether a character is printable. Control characters, line and paragraph separators
  /// and marks that change the direction of writing are not.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x202A...0x202E, 0x2066...0x2069: return false
    case _ where ByteText.byte(scalar) != nil: return false
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
      let value = ByteText.byte(scalar).map(UInt32.init) ?? scalar.value
      let digits = String(value, radix: 16)
      return value < 0x100
        ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
    }
  }
}
