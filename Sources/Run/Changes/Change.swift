/// All that can be asked of a run while it goes on.
///
/// A command is a change with who asks for it, a journal entry one that was made. What is to know of
/// each kind stands in its row of `kinds`; nothing else tells kinds apart by name.
package enum Change: Sendable, Equatable {
  case pause
  case resume
  case checkpoint
  case stop
  case set(SetSchedule)
  case phase(PhaseRequest)
  case back
  case note(Note)

  /// The table of changes, in the order in which they are listed to a person.
  package static let kinds: [ChangeKind] = [
    .pause, .resume, .checkpoint, .set, .phase, .back, .note, .stop,
  ]

  /// The row of this change.
  package var kind: ChangeKind {
    switch self {
    case .pause: .pause
    case .resume: .resume
    case .checkpoint: .checkpoint
    case .stop: .stop
    case .set: .set
    case .phase: .phase
    case .back: .back
    case .note: .note
    }
  }
}

extension Change {
  /// Its arguments as they are written down.
  package var arguments: ChangeValues { kind.values(self) }

  /// The words of a shell that ask for it, for the run of a name: `set moths lr 1e-4 --over 500`.
  package func commandLine(_ run: String) -> String {
    let values = arguments
    var words = kind.command.split(separator: " ").map(String.init)
    words.insert(run, at: 1)
    for argument in kind.arguments {
      guard let word = values[argument.name]?.typed ?? argument.wordForNone else { continue }
      if let option = argument.option { words.append("--\(option)") }
      words.append(word)
    }
    return words.joined(separator: " ")
  }

  /// The change in words, such as `set lr to 1e-4 over 500 steps`.
  package var summary: String {
    let words = kind.words(self)
    return words.isEmpty ? kind.name : "\(kind.name) \(words)"
  }
}

extension Change: Codable {
  private enum CodingKeys: String, CodingKey { case change, arguments }

  /// Reads `{"change": "set", "arguments": {…}}` and refuses what the table does not know.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let name = try fields.decode(String.self, forKey: .change)
    guard let kind = ChangeKind.named(name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .change, in: fields, debugDescription: "unknown change")
    }
    self = try kind.change(try fields.decodeIfPresent(ChangeValues.self, forKey: .arguments) ?? [:])
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(kind.name, forKey: .change)
    let arguments = arguments
    if !arguments.isEmpty { try fields.encode(arguments, forKey: .arguments) }
  }
}

/// A change that somebody asks for, or asks the cost of.
package struct ChangeRequest: Sendable, Equatable {
  /// Chosen by who asks and unique: the same id is never carried out twice.
  package var id: String
  /// Who asks: `dino set (anna@workstation)`, or the name of a signal.
  package var client: String
  package var change: Change
  /// Whether it only asks what the change would cost; nothing is changed or written down then.
  package var isPreview: Bool

  package init(id: String, client: String, change: Change, isPreview: Bool = false) {
    self.id = id
    self.client = client
    self.change = change
    self.isPreview = isPreview
  }
}
