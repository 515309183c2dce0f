extension Change {
  /// The table of changes, in the order in which lists of commands show them.
  package static let kinds: [ChangeKind] = [
    .pause, .resume, .checkpoint, .set, .together, .phase, .back, .rewind, .control, .note, .stop,
  ]

  /// The table row of this change.
  package var kind: ChangeKind {
    switch self {
    case .pause: .pause
    case .resume: .resume
    case .checkpoint: .checkpoint
    case .stop: .stop
    case .set: .set
    case .together: .together
    case .phase: .phase
    case .back: .back
    case .rewind: .rewind
    case .control: .control
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
    var words = words
    words.insert(run, at: 1)
    return words.joined(separator: " ")
  }

  /// The change as a line for `init(line:)`, such as `set lr 1e-4 --over 500`.
  package var line: String { words.joined(separator: " ") }

  private var words: [String] {
    let values = arguments
    var words = kind.command.split(separator: " ").map(String.init)
    for argument in kind.arguments {
      guard let word = values[argument.name]?.typed ?? argument.wordForNone else { continue }
      if let option = argument.option { words.append("--\(option)") }
      if case .flag = argument.form { continue }
      words.append(word)
    }
    return words
  }

  /// A description of the change in words, such as `set lr to 1e-4 over 500 steps`.
  package var summary: String {
    let words = kind.words(self)
    return words.isEmpty ? kind.verb : "\(kind.verb) \(words)"
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
