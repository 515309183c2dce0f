/// A change that can be made to a run while it trains.
///
/// `ChangeRequest` is a change together with the client that asks for it. `JournalEntry` is a
/// change that was made. `kinds` has one row for each kind of change, which holds everything that
/// is known about it. No other code distinguishes the kinds by name.
package enum Change: Sendable, Equatable {
  case pause
  case resume
  case checkpoint
  case stop
  case set(SetSchedule)
  case phase(PhaseRequest)
  case back
  case note(Note)

  /// The table of changes, in the order in which lists of commands show them.
  package static let kinds: [ChangeKind] = [
    .pause, .resume, .checkpoint, .set, .phase, .back, .note, .stop,
  ]

  /// The table row of this change.
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
  /// The arguments of the change, as the wire and the journal have them.
  package var arguments: ChangeValues { kind.values(self) }

  /// Returns the `dino` subcommand that asks for this change in the run named `run`, such as
  /// `set moths lr 1e-4 --over 500`.
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

  /// A description of the change in words, such as `set lr to 1e-4 over 500 steps`.
  package var summary: String {
    let words = kind.words(self)
    return words.isEmpty ? kind.name : "\(kind.name) \(words)"
  }
}

extension Change: Codable {
  private enum CodingKeys: String, CodingKey { case change, arguments }

  /// Reads `{"change": "set", "arguments": {…}}`. Throws for an unknown kind and for arguments
  /// that its table row does not accept.
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

/// A client's request for a change, or for a preview of what the change would cost.
package struct ChangeRequest: Sendable, Equatable {
  /// A unique id that the client chooses. A request with an id that was seen before is not carried
  /// out again.
  package var id: String
  /// The client that asks, such as `dino set (anna@workstation)`, or the name of a signal.
  package var client: String
  package var change: Change
  /// Whether the client only asks what the change would cost. A preview changes nothing and is not
  /// recorded.
  package var isPreview: Bool

  package init(id: String, client: String, change: Change, isPreview: Bool = false) {
    self.id = id
    self.client = client
    self.change = change
    self.isPreview = isPreview
  }
}
