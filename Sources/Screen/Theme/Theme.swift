import Support

/// A theme: the colour of each role.
package struct Theme: Equatable, Sendable {
  /// The theme's name: that of its file without `.theme`.
  package let name: String
  private let colours: [Role: Colour]

  /// Returns the colour of a role.
  /// A role that the theme omits has the colour of `text`, except that text and background are
  /// exchanged for the selection.
  package subscript(role: Role) -> Colour {
    if let colour = colours[role] { return colour }
    return switch role {
    case .background, .text: .standard
    case .selectionText: self[.background]
    default: self[.text]
    }
  }

  /// Parses a theme. Each line is `role = colour`; comments begin with `#`. `file` is the name used
  /// in errors.
  package init(name: String, text: String, file: String) throws(ThemeError) {
    var colours: [Role: Colour] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let refuse = { (reason: String) in ThemeError("\(file):\(index + 1): \(reason)") }
      let line = line.trimming()
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let equals = line.firstIndex(of: "=") else {
        throw refuse("expected 'role = colour', found '\(line)'")
      }
      let key = String(line[..<equals].trimming())
      let words = line[line.index(after: equals)...].split(whereSeparator: \.isWhitespace)
      guard let role = Role(rawValue: key) else {
        let nearest = nearestName(to: key, among: Role.allCases.map(\.rawValue))
        throw refuse("unknown role '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
      }
      guard let value = words.first, words.count == 1 || words[1].hasPrefix("#") else {
        throw refuse("'\(key)' takes one colour, as in '\(key) = #89b4fa'")
      }
      guard let colour = Colour(String(value)) else {
        throw refuse(
          "'\(value)' is not a colour; give #rrggbb, 0 to 255, 'default' or a name such as 'blue'")
      }
      guard colours.updateValue(colour, forKey: role) == nil else {
        throw refuse("'\(key)' is given twice")
      }
    }
    self.name = name
    self.colours = colours
  }
}

/// The reason why a theme cannot be used: one line, with file and line number if they are known.
package struct ThemeError: Error, Equatable, CustomStringConvertible {
  /// The message.
  package let description: String
  init(_ description: String) { self.description = PrintableText.message(description) }
}

extension StringProtocol {
  /// Returns the text without white space at both ends.
  func trimming() -> SubSequence {
    var part = self[...]
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return part
  }
}
