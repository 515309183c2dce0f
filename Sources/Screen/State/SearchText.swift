/// A text to look for, while it is typed. What is typed holds at once; enter keeps it, escape shows
/// everything again.
package struct SearchText: Equatable, Sendable {
  /// What was typed; empty for everything.
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
