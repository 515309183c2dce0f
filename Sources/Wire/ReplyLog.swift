import FoundationEssentials
import Run

/// Accepts or rejects a requested change. The I/O thread calls it, and it must return at once. The
/// outcome of an accepted change follows later through `RunServer.answer(_:)`.
package typealias ChangeHandler = @Sendable (ChangeRequest) -> Reply

/// The frames that address a reply: the client's identity and, for a REQ socket, the empty frame
/// that it expects.
package struct ReplyRoute: Sendable, Equatable {
  package let frames: [Data]
  package var identity: Data { frames[0] }

  /// Divides a message that a ROUTER received into the route of its reply and the command's frame,
  /// which is `nil` if the message is no command. `nil` for a message without an identity.
  package static func split(_ message: [Data]) -> (route: ReplyRoute, command: Data?)? {
    guard !message.isEmpty else { return nil }
    let isRequest = message.count == 3 && message[1].isEmpty
    let route = ReplyRoute(frames: Array(message.prefix(isRequest ? 2 : 1)))
    return (route, message.count == (isRequest ? 3 : 2) ? message.last : nil)
  }

  /// The reply to a message that is no command.
  package static let noCommand = Reply(
    id: "", outcome: .rejected,
    reason: "not a command: one frame with a JSON object is expected")
}

/// Remembers the latest reply to each command. A repeated command is answered from here and not
/// carried out again, and the trainer's later reply finds its client.
struct ReplyLog {
  /// The number of commands that are remembered.
  static let limit = 1000

  private var replies: [String: Reply] = [:]
  private var routes: [String: ReplyRoute] = [:]
  /// Ids, from the oldest to the newest.
  private var order: [String] = []

  /// Creates a desk that knows the commands of earlier daemons from the run's journal.
  init(journal: [JournalEntry]) {
    for entry in journal {
      remember(Reply(id: entry.id, outcome: .applied, step: entry.step), from: nil)
    }
  }

  /// Returns the latest reply to the command with this id; `nil` for a new command. Later replies
  /// go to `route`, because a client that reconnects has a new identity.
  mutating func answer(to id: String, from route: ReplyRoute) -> Reply? {
    guard let reply = replies[id] else { return nil }
    routes[id] = route
    return reply
  }

  /// Stores a reply. Returns the route of the client that waits for it; `nil` if there is none.
  @discardableResult
  mutating func remember(_ reply: Reply, from route: ReplyRoute?) -> ReplyRoute? {
    if replies.updateValue(reply, forKey: reply.id) == nil {
      order.append(reply.id)
      if order.count > Self.limit {
        let oldest = order.removeFirst()
        replies[oldest] = nil
        routes[oldest] = nil
      }
    }
    if let route { routes[reply.id] = route }
    return routes[reply.id]
  }
}
