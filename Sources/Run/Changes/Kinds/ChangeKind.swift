import Support

/// One row of the table of changes: everything that is known about one kind of change.
///
/// The command line, the wire, the journal, the database and the screen are all driven by these
/// rows. A new kind needs a payload, a row, a case of `Change`, and a line in the trainer that
/// carries it out.
package struct ChangeKind: Sendable {
  /// The name on the wire and in the journal.
  package let name: String
  /// The words on the command line; the same as `name` unless given.
  package let command: String
  /// The word with which a description begins; the same as `name` unless given.
  package let verb: String
  /// What the change does, in one line for a list of commands.
  package let summary: String
  /// The arguments, in the order in which a command line has them.
  package let arguments: [ChangeArgument]
  /// The least role that may ask for it.
  package let role: ClientRole
  /// Makes the change from arguments that have been checked.
  let make: @Sendable (ChangeValues) throws(ChangeRefusal) -> Change
  /// Returns the arguments of a change of this kind.
  let values: @Sendable (Change) -> ChangeValues
  /// Describes a change of this kind without its name, such as `lr to 1e-4 over 500 steps`; empty
  /// if the name says everything.
  let words: @Sendable (Change) -> String
  /// Returns the change that reverts an entry of this kind from now on; `nil` if there is none.
  /// `earlier` holds the entries that were in force before it.
  let inverse: @Sendable (_ entry: JournalEntry, _ earlier: [JournalEntry]) -> Change?

  init(
    _ name: String, _ summary: String, command: String? = nil, verb: String? = nil,
    role: ClientRole = .operator,
    arguments: [ChangeArgument],
    make: @escaping @Sendable (ChangeValues) throws(ChangeRefusal) -> Change,
    values: @escaping @Sendable (Change) -> ChangeValues,
    words: @escaping @Sendable (Change) -> String,
    inverse: @escaping @Sendable (JournalEntry, [JournalEntry]) -> Change? = { _, _ in nil }
  ) {
    self.name = name
    self.command = command ?? name
    self.verb = verb ?? name
    self.summary = summary
    self.role = role
    self.arguments = arguments
    self.make = make
    self.values = values
    self.words = words
    self.inverse = inverse
  }

  /// Creates a kind without arguments. Its `change` is always the same value.
  init(
    _ name: String, _ summary: String, command: String? = nil, role: ClientRole = .operator,
    _ change: Change, inverse: Change? = nil
  ) {
    self.init(
      name, summary, command: command, role: role, arguments: [], make: { _ in change },
      values: { _ in [:] },
      words: { _ in "" }, inverse: { _, _ in inverse })
  }
}

extension ChangeKind {
  /// Returns the kind with the given name; `nil` if there is none.
  package static func named(_ name: String) -> ChangeKind? { byName[name] }

  private static let byName = Dictionary(
    uniqueKeysWithValues: Change.kinds.map { ($0.name, $0) })

  /// Returns the change for the given arguments. Throws if one is unknown, missing or outside its
  /// limits.
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

  /// Returns the change for arguments as typed on a command line, by name. Arguments that were not
  /// given are absent.
  package func change(typed texts: [String: String]) throws(ChangeRefusal) -> Change {
    var values: ChangeValues = [:]
    for argument in arguments {
      guard let text = texts[argument.name] else { continue }
      // The first argument that is wrong is the one to tell of.
      guard let value = try argument.value(typed: text) else { continue }
      try argument.check(value)
      values[argument.name] = value
    }
    return try change(values)
  }
}
