/// Who has control of a run, and for how long.
package struct Controller: Sendable, Equatable {
  /// The person, as `JournalEntry.person` names them.
  package let person: String
  /// When control ends unless the person makes another change, in seconds since 1970.
  package let until: Double
}

extension Journal {
  /// Returns who has control at a time in seconds since 1970; `nil` if nobody has.
  package func controller(at now: Double) -> Controller? {
    guard
      let begin = entries.lastIndex(where: { if case .control = $0.change { true } else { false } }
      ),
      case .control(let control) = entries[begin].change, control.action == .take
    else { return nil }
    let person = entries[begin].person
    let last = entries[begin...].filter { $0.person == person }.map(\.time).max() ?? 0
    let until = last + 60 * Double(control.minutes ?? Control.usualMinutes)
    return now < until ? Controller(person: person, until: until) : nil
  }
}

extension JournalEntry {
  /// Who asked, without the program by which they did.
  package var person: String { Self.person(client) }

  /// Returns the person of a client: `anna@workstation` of `dino set (anna@workstation)`, and the whole
  /// name of a client that came by a key.
  package static func person(_ client: String) -> String {
    guard client.hasSuffix(")"), let begin = client.lastIndex(of: "(") else { return client }
    return String(client[client.index(after: begin)...].dropLast())
  }
}
