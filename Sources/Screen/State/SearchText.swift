/// A short text while it is typed, such as one to look for.
package struct SearchText: Equatable, Sendable {
  /// What was typed; empty for everything, and after escape.
  package private(set) var text: String

  private static let limit = 60

  init(_ text: String = "") { self.text = text }

  /// The line that shows it, with the keys.
  var line: String { "/\(text)▏   enter keeps it, esc shows everything" }

  /// Handles a key. Returns whether more may be typed.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .enter: return false
    case .escape, .interrupt:
      text = ""
      return false
    case .backspace: if !text.isEmpty { text.removeLast() }
    case .character(let character): if text.count < Self.limit { text.append(character) }
    default: break
    }
    return true
  }
}
