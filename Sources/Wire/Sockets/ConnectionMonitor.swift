import CZeroMQ
import FoundationEssentials

/// What happens to the connections of a ZeroMQ socket, as ZeroMQ reports it. The thread that owns
/// the socket owns the monitor.
package final class ConnectionMonitor {
  /// An event of a connection.
  package struct Event: Equatable {
    /// One of ZeroMQ's `ZMQ_EVENT_…`.
    package let kind: Int32
    /// The descriptor of the connection, or the code of an error; it depends on the kind.
    package let value: Int32
  }

  /// Becomes readable when there are events.
  package let socket: ZeroMQSocket

  /// Watches a socket. `name` must be unique within the context. Events that are not taken cost
  /// memory, so take them often.
  package init(
    _ watched: ZeroMQSocket, _ context: ZeroMQContext, name: String, events: Int32
  ) throws(WireError) {
    let endpoint = "inproc://monitor-\(name)"
    guard zmq_socket_monitor(watched.handle, endpoint, events) == 0 else {
      throw .system(ZeroMQContext.lastError())
    }
    socket = try ZeroMQSocket(context, ZMQ_PAIR)
    socket.set(ZMQ_LINGER, 0)
    socket.set(ZMQ_RCVHWM, 0)
    try socket.connect(endpoint)
  }

  /// Returns the next event; `nil` if there is none.
  package func next() -> Event? {
    while let frames = socket.receive() {
      // Two bytes of the kind and four of the value, in the order of the machine.
      guard let first = frames.first, first.count >= 6 else { continue }
      return first.withUnsafeBytes { bytes in
        Event(
          kind: Int32(bytes.loadUnaligned(as: UInt16.self)),
          value: bytes.loadUnaligned(fromByteOffset: 2, as: Int32.self))
      }
    }
    return nil
  }
}
