import FoundationEssentials
import Run
import Support

extension Command {
  /// The largest command, in bytes.
  package static let sizeLimit = 64 * 1024
  /// The longest id and client name, in characters.
  private static let idLimit = 128
  private static let clientLimit = 256
  /// The longest name of a run, in characters: that of a folder.
  private static let runLimit = 255

  /// Parses and checks a frame from `control`. Returns the command, or the rejection to send back.
  ///
  /// A returned command has a known name and version, and the arguments of a change are within the
  /// limits of its table row. Whether it can be carried out is for the trainer to decide.
  package static func parse(_ frame: Data) -> Result<Command, Refusal> {
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
    // A client of another version learns from `hello` that the versions differ.
    guard raw.v == protocolVersion || query == .hello else {
      return refuse(
        id,
        "protocol version \(raw.v.map(String.init) ?? "missing") is not supported; "
          + "this daemon speaks version \(protocolVersion)")
    }
    let client = client(raw.client)
    let run = raw.run.map { PrintableText.line($0, limit: runLimit) }
    if let query {
      let scope = query == .snapshot ? SnapshotScope(raw.arguments ?? [:]) : SnapshotScope()
      return .success(Command(id: id, client: client, request: query, run: run, scope: scope))
    }
    do throws(ChangeRefusal) {
      let change = try kind!.change(raw.arguments ?? [:])
      let request = raw.preview == true ? Request.preview(change) : .change(change)
      return .success(Command(id: id, client: client, request: request, run: run))
    } catch {
      return refuse(id, error.description)
    }
  }

  /// Returns a client's name in the form that the journal accepts.
  private static func client(_ given: String?) -> String {
    let name = PrintableText.line(given ?? "unnamed", limit: clientLimit)
    return JournalEntry.reservedClients.contains(name) ? "unnamed" : name
  }

  /// The rejection of a command that could not be parsed.
  package struct Refusal: Error {
    /// What to send back.
    package var reply: Reply
  }

  private static func refuse(_ id: String, _ reason: String) -> Result<Command, Refusal> {
    .failure(Refusal(reply: Reply(id: id, outcome: .rejected, reason: reason)))
  }

  /// Returns text from a client in quotes, shortened and safe to print on a terminal.
  private static func quoted(_ text: String?) -> String {
    text.map { "\"\(PrintableText.line($0, limit: 40))\"" } ?? "(none)"
  }
}
