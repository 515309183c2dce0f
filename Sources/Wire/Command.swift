import FoundationEssentials
import Run

/// What a client asks of the daemon on `control`: one JSON frame.
///
/// `hello`, `snapshot` and `status` are answered at once; a change is made between two steps.
package struct Command: Sendable, Equatable {
  package enum Request: Sendable, Equatable {
    case hello
    case snapshot
    case status
    case change(Change)
    /// What a change would cost.
    case preview(Change)
  }

  /// The protocol version of the client.
  package var v: Int
  /// Chosen by the client and unique: the same id is never carried out twice.
  package var id: String
  /// Who asks: `dino attach (anna@workstation)`.
  package var client: String
  package var request: Request

  package init(v: Int = protocolVersion, id: String, client: String, request: Request) {
    self.v = v
    self.id = id
    self.client = client
    self.request = request
  }
}

extension Command.Request {
  /// The name under which it stands in the frame.
  package var name: String {
    switch self {
    case .hello: "hello"
    case .snapshot: "snapshot"
    case .status: "status"
    case .change(let change), .preview(let change): change.kind.name
    }
  }

  /// The request in words, such as `set lr to 1e-4`.
  package var summary: String {
    switch self {
    case .hello, .snapshot, .status: name
    case .change(let change): change.summary
    case .preview(let change): "preview \(change.summary)"
    }
  }

  /// The request of a name that is no change's; nil where there is none.
  static func query(_ name: String) -> Command.Request? { queries.first { $0.name == name } }

  static let queries: [Command.Request] = [.hello, .snapshot, .status]
}

extension Command {
  /// The frame that asks for it.
  package var frame: Data {
    var frame = Frame(v: v, id: id, client: client, command: request.name)
    switch request {
    case .change(let change): frame.arguments = change.arguments
    case .preview(let change): (frame.arguments, frame.preview) = (change.arguments, true)
    case .hello, .snapshot, .status: break
    }
    return WireJSON.encode(frame)
  }

  /// A command as it comes: anything may be missing or unknown.
  struct Frame: Codable {
    var v: Int?
    var id: String?
    var client: String?
    var command: String?
    var arguments: ChangeValues?
    var preview: Bool?
  }
}
