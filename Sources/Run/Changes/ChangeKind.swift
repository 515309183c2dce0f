import Support

/// Who may ask for a change; each role may also do what those before it may.
package enum Role: Int, Sendable, Comparable {
  /// Looks on.
  case viewer
  /// Steers a run.
  case `operator`
  /// May also end it.
  case owner

  package static func < (one: Role, other: Role) -> Bool { one.rawValue < other.rawValue }
}

/// A row of the table of changes: all that is to know of one kind of change.
///
/// Command line, wire, journal, database and screen are made of these rows. A new kind is a file with
/// its payload and its row, a case of `Change`, and what the trainer does for it.
package struct ChangeKind: Sendable {
  /// The name on the wire and in the journal.
  package let name: String
  /// The words on the command line, where they are others than its name.
  package let command: String
  /// What it does, for a list of commands.
  package let summary: String
  package let arguments: [ChangeArgument]
  package let role: Role
  /// The change of checked arguments.
  let make: @Sendable (ChangeValues) throws(ChangeRefusal) -> Change
  /// The arguments of a change of this kind.
  let values: @Sendable (Change) -> ChangeValues
  /// A change of this kind in words, such as `lr to 1e-4 over 500 steps`; empty where its name says
  /// all.
  let words: @Sendable (Change) -> String
  /// The change that takes an entry of this kind back from now on, nil where there is none;
  /// `earlier` are the entries in force before it.
  let inverse: @Sendable (_ entry: JournalEntry, _ earlier: [JournalEntry]) -> Change?

  init(
    _ name: String, _ summary: String, command: String? = nil, role: Role = .operator,
    arguments: [ChangeArgument],
    make: @escaping @Sendable (ChangeValues) throws(ChangeRefusal) -> Change,
    values: @escaping @Sendable (Change) -> ChangeValues,
    words: @escaping @Sendable (Change) -> String,
    inverse: @escaping @Sendable (JournalEntry, [JournalEntry]) -> Change? = { _, _ in nil }
  ) {
    self.name = name
    self.command = command ?? name
    self.summary = summary
    self.role = role
    self.arguments = arguments
    self.make = make
    self.values = values
    self.words = words
    self.inverse = inverse
  }

  /// A kind without arguments.
  init(
    _ name: String, _ summary: String, command: String? = nil, role: Role = .operator,
    _ change: Change, inverse: Change? = nil
  ) {
    self.init(
      name, summary, command: command, role: role, arguments: [], make: { _ in change },
      values: { _ in [:] },
      words: { _ in "" }, inverse: { _, _ in inverse })
  }
}

extension ChangeKind {
  /// The kind of a name; nil where there is none.
  package static func named(_ name: String) -> ChangeKind? { byName[name] }

  private static let byName = Dictionary(
    uniqueKeysWithValues: Change.kinds.map { ($0.name, $0) })

  /// The change of arguments as they came; refuses those that are unknown, missing or out of limits.
  package func change(_ values: ChangeValues) throws(ChangeRefusal) -> Change {
    for name in values.keys.sorted() where !arguments.contains(where: { $0.name == name }) {
      let names = arguments.map(\.name).joined(separator: ", ")
      throw ChangeRefusal(
        "\(self.name) has no argument \(PrintableText.line(name, limit: 40)); "
          + (names.isEmpty ? "it takes none" : "it takes \(names)"))
    }
    for argument in arguments {
      if let value = values[argument.name] {
        try argument.check(value)
      } else if argument.isNeeded {
        throw ChangeRefusal("\(name) needs \(argument.name): \(argument.meaning)")
      }
    }
    return try make(values)
  }

  /// The change of arguments as a person typed them, by name; those not given are absent.
  package func change(typed texts: [String: String]) throws(ChangeRefusal) -> Change {
    var values: ChangeValues = [:]
    for argument in arguments {
      guard let text = texts[argument.name] else { continue }
      values[argument.name] = try argument.value(typed: text)
    }
    return try change(values)
  }
}
