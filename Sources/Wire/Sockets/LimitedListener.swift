import CZeroMQ
import Support

/// A listening TCP socket that lets nobody in while too many connections are open.
///
/// ZeroMQ itself accepts whatever comes, until the process has no file descriptors left, and it cannot
/// stop listening without ending the connections that it has. So the system is told to drop what asks
/// for another one. Connections that have not proved a key count too; ZeroMQ ends those after the
/// handshake's time.
package final class LimitedListener {
  /// The socket. It may be used for everything but binding.
  package let socket: ZeroMQSocket
  /// The endpoint as bound.
  package let endpoint: String
  /// The monitor's socket, to wait on.
  package var monitored: ZeroMQSocket { monitor.socket }

  private let monitor: ConnectionMonitor
  private let limit: Int
  private var open: Set<Int32> = []
  /// The descriptor on which the system listens.
  private var listener: Int32 = -1
  private var isFull = false

  /// Binds a socket, whose options are set, and keeps about `limit` connections at most: those that
  /// wait to be accepted when it is reached come on top. `name` must be unique within the context.
  package init(
    _ socket: ZeroMQSocket, _ context: ZeroMQContext, endpoint: String, name: String, limit: Int
  ) throws(WireError) {
    self.socket = socket
    self.limit = limit
    monitor = try ConnectionMonitor(
      socket, context, name: name,
      events: ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)
    self.endpoint = try socket.bind(endpoint)
  }

  /// Counts connections, and closes or opens the door. Call it when the monitor has something. Returns
  /// the descriptors of connections that have ended.
  package func tend() -> [Int32] {
    var ended: [Int32] = []
    while let event = monitor.next() {
      switch event.kind {
      case ZMQ_EVENT_LISTENING: listener = event.value
      case ZMQ_EVENT_ACCEPTED: open.insert(event.value)
      default:
        open.remove(event.value)
        ended.append(event.value)
      }
      let isFull = open.count >= limit
      guard isFull != self.isFull, listener >= 0 else { continue }
      self.isFull = isFull
      if isFull { dino_drop_connections(listener) } else { dino_take_connections(listener) }
    }
    return ended
  }

  /// Closes the socket with all its connections.
  package func close() {
    monitor.socket.close()
    socket.close()
  }
}
