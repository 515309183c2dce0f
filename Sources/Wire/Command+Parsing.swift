import FoundationEssentials
import Run
import Support

extension Command {
  /// The largest command, in bytes.
  package static let sizeLimit = 64 * 1024
  /// The longest id and client name, in characters.
  private static let idLimit = 128
  private static let clientLimit = 256

  /// The command in a frame of `control`, checked; or the refusal to send back.
  ///
  /// What comes out can be carried out as far as can be told without the trainer: its version and name
  /// are known, and the arguments of a change are within the limits of its table.
  static func parse(_ frame: Data) -> Result<Command, Refusal> {
    guard frame.count <= sizeLimit else {
      return refuse("", "the command has \(frame.count) bytes; at most \(sizeLimit) are read")
    }
    guard let raw = try? WireJSON.decode(Frame.self, frame) else {
      return refuse("", "not a command: one frame with a JSON object is expected")
    }
    guard let id = raw.id, (1...idLimit).contains(id.count), PrintableText.isPrintable(id) else {
      return refuse("", "a command needs an id of 1 to \(idLimit) printable characters")
    }
    let query = raw.command.flatMap(Request.query)
    let kind = raw.command.flatMap(ChangeKind.named)
    guard query != nil || kind != nil else {
      let names = Request.queries.map(\.name) + Change.kinds.map(\.name)
      return refuse(
        id, "unknown command \(quoted(raw.command)); there are \(names.joined(separator: ", "))")
    }
    // `hello` is how a client of another version learns that it is one.
    guard raw.v == protocolVersion || query == .hello else {
      return refuse(
        id,
        "protocol version \(raw.v.map(String.init) ?? "missing") is not spoken here; "
          + "version \(protocolVersion) is")
    }
    let client = client(raw.client)
    if let query { return .success(Command(id: id, client: client, request: query)) }
    do throws(ChangeRefusal) {
      let change = try kind!.change(raw.arguments ?? [:])
      let request = raw.preview == true ? Request.preview(change) : .change(change)
      return .success(Command(id: id, client: client, request: request))
    } catch {
      return refuse(id, error.description)
    }
  }

  /// A client's name as the journal may have it.
  private static func client(_ given: String?) -> String {
    let name = PrintableText.line(given ?? "unnamed", limit: clientLimit)
    return name == JournalEntry.reservedClient ? "unnamed" : name
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
    text.map { "\"\(PrintableText.line($0, limit: 40))\"" } ?? "(none)"
  }
}
