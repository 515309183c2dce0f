import FoundationEssentials
import Run

/// Decides on a change that is asked for, on the I/O thread and at once: `accepted` or `rejected`.
/// What becomes of an accepted one is told with the server's `answer`.
package typealias ChangeHandler = @Sendable (ChangeRequest) -> Reply

/// Where an answer goes: the client's identity and, for a REQ socket, the empty frame it expects.
struct ReplyRoute: Sendable, Equatable {
  var frames: [Data]
  var identity: Data { frames[0] }
}

/// Which commands were taken and what was answered last, so that a repeated one is not carried out
/// again and the trainer's later word finds the client.
struct CommandDesk {
  /// Ids that are remembered.
  static let limit = 1000

  private var replies: [String: Reply] = [:]
  private var routes: [String: ReplyRoute] = [:]
  /// Ids from the oldest to the newest.
  private var order: [String] = []

  /// A desk that knows the commands carried out before this daemon.
  init(journal: [JournalEntry]) {
    for entry in journal {
      remember(Reply(id: entry.id, outcome: .applied, step: entry.step), from: nil)
    }
  }

  /// The last answer to a command of this id, nil for a new one. Later answers go to who asked
  /// last: a client that connects again has a new identity.
  mutating func answer(to id: String, from route: ReplyRoute) -> Reply? {
    guard let reply = replies[id] else { return nil }
    routes[id] = route
    return reply
  }

  /// Takes down an answer; gives the route of who waits for it.
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
