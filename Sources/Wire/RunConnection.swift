import FoundationEssentials
import Run

/// What a viewer receives through its connection to a run, in order.
package enum ConnectionEvent: Sendable {
  /// Connected or reconnected. The snapshot is the whole run so far and replaces all that the
  /// viewer held, except the samples up to its `after`: `RunRecord(snapshot:onto:)`.
  case connected(Snapshot)
  /// A new message of the feed. Each message is delivered once, without gaps.
  case message(FeedMessage)
  /// The daemon's reply to a command that was sent.
  case reply(Reply)
  /// The daemon was silent for some seconds or gave no snapshot. The connection keeps trying.
  case lost(reason: String)
}

/// A viewer's connection to a run. One thread owns it.
package protocol RunConnection: AnyObject {
  /// Returns everything that has arrived since the last call, without waiting.
  func poll() throws -> [ConnectionEvent]

  /// Sends a request as the command with an id. Replies arrive through `poll()`.
  func send(_ request: Command.Request, id: String) throws

  /// A file descriptor that is readable when `poll()` may have something, for use with `poll(2)`;
  /// -1 if there is none.
  var fileDescriptor: Int32 { get }
}

extension RunConnection {
  /// Sends a request and returns the id of its command.
  @discardableResult
  package func send(_ request: Command.Request) throws -> String {
    let id = UUID().uuidString
    try send(request, id: id)
    return id
  }
}
