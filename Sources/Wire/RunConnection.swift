import Run

/// What reaches a viewer through its connection to a run, in order.
package enum ConnectionEvent: Sendable {
  /// The connection stands (again): the whole run so far. Replaces all that the viewer held.
  case connected(Snapshot)
  /// News, each message once and without holes.
  case message(FeedMessage)
  /// The daemon's answer to a command that was sent.
  case reply(Reply)
  /// Nothing was heard for some seconds; the connection goes on trying.
  case lost(reason: String)
}

/// A viewer's side of a run. One thread owns it.
package protocol RunConnection: AnyObject {
  /// All that has arrived since the last call; returns at once.
  func poll() throws -> [ConnectionEvent]

  /// Asks for a change, or what it would cost; replies arrive through `poll`. Returns the command's id.
  @discardableResult
  func send(_ request: Command.Request) throws -> String

  /// A file descriptor that becomes readable when `poll` may have something, for `poll(2)` beside
  /// the keyboard; -1 where there is none.
  var fileDescriptor: Int32 { get }
}
