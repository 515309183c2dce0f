import FoundationEssentials
import Run

/// A client's command to the daemon: one JSON frame on `control`.
///
/// `hello`, `snapshot` and `status` are answered at once. A change is carried out between two
/// steps.
package struct Command: Sendable, Equatable {
  /// What a command asks for.
  package enum Request: Sendable, Equatable {
    case hello
    case snapshot
    case status
    /// A list of the runs that the other side knows.
    case runs
    /// A list of the run's checkpoints, from a gate.
    case checkpoints
    /// The pictures of the probe's images, from a gate.
    case pictures
    case change(Change)
    /// A preview of what a change would cost.
    case preview(Change)
  }

  /// The protocol version of the client.
  package var v: Int
  /// A unique id that the client chooses. A command with an id that was seen before is not carried
  /// out again.
  package var id: String
  /// The client's name, such as `dino attach (anna@workstation)`.
  package var client: String
  /// What the command asks for.
  package var request: Request
  /// Which part of the run a `snapshot` has, and how.
  package var scope = SnapshotScope()
  /// The name of the run that it is for, if it is sent to a gate, which serves many.
  package var run: String?

  package init(
    v: Int = protocolVersion, id: String, client: String, request: Request, run: String? = nil,
    scope: SnapshotScope = SnapshotScope()
  ) {
    self.v = v
    self.id = id
    self.client = client
    self.request = request
    self.run = run
    self.scope = scope
  }
}

extension Command.Request {
  /// The request's name in the frame.
  package var name: String {
    switch self {
    case .hello: "hello"
    case .snapshot: "snapshot"
    case .status: "status"
    case .runs: "runs"
    case .checkpoints: "checkpoints"
    case .pictures: "pictures"
    case .change(let change), .preview(let change): change.kind.name
    }
  }

  /// The request as a person names it: `set` for several of them too.
  package var verb: String {
    switch self {
    case .change(let change), .preview(let change): change.kind.verb
    default: name
    }
  }

  /// A description of the request in words, such as `set lr to 1e-4`.
  package var summary: String {
    switch self {
    case .hello, .snapshot, .status, .runs, .checkpoints, .pictures: name
    case .change(let change): change.summary
    case .preview(let change): "preview \(change.summary)"
    }
  }

  /// Returns the query with the given name; `nil` if there is none. Changes are not queries.
  static func query(_ name: String) -> Command.Request? { queries.first { $0.name == name } }

  /// The requests that are not about a change.
  static let queries: [Command.Request] = [
    .hello, .snapshot, .status, .runs, .checkpoints, .pictures,
  ]
}

extension Command {
  /// The frame to send for this command.
  package var frame: Data {
    var frame = Frame(v: v, id: id, client: client, run: run, command: request.name)
    switch request {
    case .change(let change): frame.arguments = change.arguments
    case .preview(let change): (frame.arguments, frame.preview) = (change.arguments, true)
    case .snapshot where scope != SnapshotScope(): frame.arguments = scope.arguments
    case .hello, .snapshot, .status, .runs, .checkpoints, .pictures: break
    }
    return WireJSON.encode(frame)
  }

  /// The JSON form of a command as received. Any field may be missing or unknown.
  struct Frame: Codable {
    var v: Int?
    var id: String?
    var client: String?
    var run: String?
    var command: String?
    var arguments: ChangeValues?
    var preview: Bool?
  }
}
