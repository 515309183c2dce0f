import CZeroMQ
import FoundationEssentials
import Run
import Support

/// One command on its way: sent as soon as there is a connection, until its final reply has come.
/// One thread owns it. Several can be waited for at once.
package final class Inquiry {
  private let endpoints: RunEndpoints
  private let command: Command
  private let context: ZeroMQContext
  private let socket: ZeroMQSocket
  /// Says why an encrypted connection fails.
  private let monitor: ConnectionMonitor?
  private var failure: WireError?
  private var sentAt: Double?
  /// Whether the daemon has accepted the command, which is then carried out after its step.
  package private(set) var isAccepted = false

  /// Seconds after which a command is sent again over a network. The connection may have been cut
  /// and made again, and the reply be lost with it. The daemon knows the command by its id.
  private static let repetition = 2.0

  /// Begins to connect. `client` is the client's name for the journal.
  package init(
    _ request: Command.Request, at endpoints: RunEndpoints, client: String,
    id: String = UUID().uuidString, rows: SnapshotScope.Rows? = nil
  ) throws(WireError) {
    self.endpoints = endpoints
    command = Command(
      id: id, client: client, request: request, run: endpoints.run,
      scope: SnapshotScope(rows: rows, isCompressed: endpoints.isRemote))
    context = try ZeroMQContext()
    socket = try RunClient.dealer(context, endpoints)
    monitor =
      try endpoints.keys == nil
      ? nil : ConnectionMonitor(socket, context, name: "control", events: ZMQ_EVENT_ALL)
    try socket.connect(endpoints.control)
  }

  /// Ends the connection. It must not be used any more.
  package func close() {
    monitor?.socket.close()
    socket.close()
    context.end()
  }

  /// Whether the command was sent.
  package var isSent: Bool { sentAt != nil }

  /// Why the command could not be sent so far.
  package var trouble: WireError {
    failure
      ?? (endpoints.keys == nil
        ? .notRunning(endpoint: endpoints.control) : .noGate(endpoint: endpoints.control))
  }

  /// Sends the command if that is possible now, and returns its final reply; `nil` if there is none
  /// yet.
  package func poll() throws(WireError) -> Reply? {
    while let event = monitor?.next() { note(event) }
    while let frames = socket.receive() {
      // Empty messages are the daemon's checks whether its clients are there.
      guard frames.first?.isEmpty == false else { continue }
      let reply = try ReplyCoding.decode(frames)
      guard reply.outcome == .accepted else { return reply }
      isAccepted = true
    }
    let now = Clock.monotonic()
    let isDue = sentAt.map { endpoints.keys != nil && now - $0 > Self.repetition } ?? true
    if isDue, socket.isReady(Int32(ZMQ_POLLOUT)), socket.send([command.frame]) { sentAt = now }
    return nil
  }

  /// Waits until `poll` may have something to do. Returns `false` if `seconds` have passed.
  package func wait(seconds: Double) -> Bool {
    let events = isSent ? ZMQ_POLLIN : ZMQ_POLLIN | ZMQ_POLLOUT
    return socket.wait(for: Int32(events), seconds: seconds)
  }

  private func note(_ event: ConnectionMonitor.Event) {
    switch event.kind {
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      failure = .refused(
        endpoint: endpoints.control, key: endpoints.keys.map { "\($0.own.publicKey)" } ?? "")
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      if failure == nil { failure = .otherKey(endpoint: endpoints.control) }
    default: break
    }
  }
}
