import CZeroMQ
import FoundationEssentials
import Run
import Support
import Wire

/// The gate's two sockets on the network, encrypted, with their limits. The gate's thread owns it.
final class GateDoor {
  /// Publishes the feeds of all runs that are followed, and receives subscriptions.
  let feed: LimitedListener
  /// Receives commands.
  let control: LimitedListener
  /// The clients of `control` that may be connected.
  private var clients: Set<Data> = []
  /// The connections that have sent something.
  var connections = UserConnections()

  /// Connections to each of the sockets, with those that have not proved a key yet.
  private static let connectionLimit = 200
  /// Clients whose commands are answered.
  private static let clientLimit = 64
  /// The largest command in bytes. A larger message ends its sender's connection.
  private static let commandLimit: Int64 = 1 << 16
  /// The largest subscription in bytes: a run's name and a topic.
  private static let topicLimit: Int64 = 512

  /// Listens at an address. A context has one door.
  init(
    _ context: ZeroMQContext, _ address: GateAddress, keys: CurveKeyPair
  ) throws(WireError) {
    func socket(_ type: Int32, limit: Int64) throws(WireError) -> ZeroMQSocket {
      let socket = try ZeroMQSocket(context, type)
      socket.set(ZMQ_LINGER, 0)
      socket.set(ZMQ_IPV6, 1)
      socket.set(ZMQ_HANDSHAKE_IVL, 5000)
      socket.set(ZMQ_MAXMSGSIZE, long: limit)
      socket.keepAlive()
      socket.encrypt(asServer: keys, domain: Authenticator.domain)
      return socket
    }
    func listen(
      _ socket: ZeroMQSocket, _ endpoint: String, _ name: String
    ) throws(WireError) -> LimitedListener {
      try LimitedListener(
        socket, context, endpoint: endpoint, name: name, limit: Self.connectionLimit)
    }
    let commands = try socket(ZMQ_ROUTER, limit: Self.commandLimit)
    commands.set(ZMQ_ROUTER_MANDATORY, 1)
    // Of replies that a client does not read, some wait, and a snapshot has a megabyte.
    commands.set(ZMQ_SNDHWM, 64)
    control = try listen(commands, address.control, "control")
    let topics = try socket(ZMQ_XPUB, limit: Self.topicLimit)
    topics.set(ZMQ_XPUB_VERBOSER, 1)
    feed = try listen(topics, address.feed, "feed")
  }

  /// Ends all connections and stops listening.
  func close() {
    feed.close()
    control.close()
  }

  /// Counts connections; call it when there is news of them.
  func tend() {
    for descriptor in feed.tend() + control.tend() { connections.forget(descriptor) }
  }

  /// Sends a reply to a client.
  func send(_ reply: [Data], to route: ReplyRoute) {
    control.socket.send(route.frames + reply)
  }

  /// Returns whether a client may send commands: it is known, or there is room for it once those that
  /// have gone are forgotten.
  func admit(_ identity: Data) -> Bool {
    if clients.contains(identity) { return true }
    if clients.count >= Self.clientLimit {
      clients = clients.filter { control.socket.send([$0, Data()]) }
    }
    guard clients.count < Self.clientLimit else { return false }
    clients.insert(identity)
    return true
  }
}
