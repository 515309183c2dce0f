import FoundationEssentials
import Run

extension Command {
  /// The largest command, in bytes.
  package static let sizeLimit = 64 * 1024
  /// The longest id and client name, in characters, and the longest way to a new value, in steps.
  private static let idLimit = 128
  private static let clientLimit = 256
  private static let overLimit = 100_000_000

  /// The command in a frame of `control`, checked; or the refusal to send back.
  ///
  /// What comes out can be carried out as far as can be told without the trainer: its version and
  /// verb are known, and what `set` asks is within the schedule's limits.
  static func parse(_ frame: Data) -> Result<Command, Refusal> {
    guard frame.count <= sizeLimit else {
      return refuse("", "the command has \(frame.count) bytes; at most \(sizeLimit) are read")
    }
    guard let raw = try? WireJSON.decode(Raw.self, frame) else {
      return refuse("", "not a command: one frame with a JSON object is expected")
    }
    guard let id = raw.id, (1...idLimit).contains(id.count), isPlain(id) else {
      return refuse("", "a command needs an id of 1 to \(idLimit) printable characters")
    }
    let verbs = Verb.allCases.map(\.rawValue).joined(separator: ", ")
    guard let verb = raw.command.flatMap(Verb.init(rawValue:)) else {
      return refuse(id, "unknown command \(quoted(raw.command)); there are \(verbs)")
    }
    // `hello` is how a client of another version learns that it is one.
    guard raw.v == protocolVersion || verb == .hello else {
      return refuse(
        id,
        "protocol version \(raw.v.map(String.init) ?? "missing") is not spoken here; "
          + "version \(protocolVersion) is")
    }
    let given = String((raw.client ?? "unnamed").filter { isPlain($0) }.prefix(clientLimit))
    let client = given == JournalEntry.reservedClient ? "unnamed" : given
    var command = Command(v: protocolVersion, id: id, client: client, command: verb)
    if verb == .phase || verb == .preview {
      guard let phase = raw.phase else { return refuse(id, "\(verb.rawValue) needs a phase") }
      command.phase = phase
      return refusal(of: phase).map { refuse(id, $0) } ?? .success(command)
    }
    guard verb == .set else { return .success(command) }
    command.key = raw.key
    command.value = raw.value
    command.over = raw.over
    return command.refusalOfSet().map { refuse(id, $0) } ?? .success(command)
  }

  /// Why a `set` cannot be carried out, nil where it can.
  private func refusalOfSet() -> String? {
    guard let metric = key.flatMap(Metric.init(rawValue:)) else {
      let names = Metric.adjustable.map(\.rawValue).joined(separator: ", ")
      return "unknown schedule \(Self.quoted(key)); adjustable are \(names)"
    }
    if let over, !(0...Self.overLimit).contains(over) {
      return "over must be a number of steps from 0 to \(Self.overLimit), not \(over)"
    }
    return metric.refusal(of: value)
  }

  /// Why a phase cannot be asked for, nil where it can as far as can be told without the trainer.
  private static func refusal(of phase: PhaseRequest) -> String? {
    let numbers = [
      ("global_crops_size", phase.globalCropsSize, 4096),
      ("local_crops_size", phase.localCropsSize, 4096), ("steps", phase.steps, overLimit),
      ("batch_size", phase.batchSize, 65536),
    ]
    for case (let name, let value?, let limit) in numbers where !(1...limit).contains(value) {
      return "\(name) must be from 1 to \(limit), not \(value)"
    }
    if let factor = phase.baseLrFactor, !(factor > 0 && factor <= 1000) {
      return "base_lr_factor must be above 0 and at most 1000, not \(factor)"
    }
    for name in [phase.to, phase.name] {
      if let name, !(1...idLimit).contains(name.count) || !isPlain(name) {
        return "a phase's name has 1 to \(idLimit) printable characters"
      }
    }
    return nil
  }

  /// A command that was not taken, and why.
  struct Refusal: Error {
    var reply: Reply
  }

  private static func refuse(_ id: String, _ reason: String) -> Result<Command, Refusal> {
    .failure(Refusal(reply: Reply(id: id, outcome: .rejected, reason: reason)))
  }

  /// What a client sent, short and harmless to a terminal.
  private static func quoted(_ text: String?) -> String {
    text.map { "\"\($0.filter { isPlain($0) }.prefix(40))\"" } ?? "(none)"
  }

  private static func isPlain(_ text: String) -> Bool { text.allSatisfy { isPlain($0) } }

  /// No control characters: names reach terminals.
  private static func isPlain(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  /// A command as it comes: anything may be missing or unknown.
  private struct Raw: Codable {
    var v: Int?
    var id: String?
    var client: String?
    var command: String?
    var key: String?
    var value: Double?
    var over: Int?
    var phase: PhaseRequest?
  }
}
