import CZeroMQ
import FoundationEssentials
import History
import Run
import Wire

/// The gate's connection to the daemon of one run. The gate's thread owns it.
///
/// Feed and replies pass through it as they are; so numbers, and with them the promise of no gaps,
/// are the daemon's own.
final class RunRelay {
  /// What leaves the relay: a reply for a client, or a message for all who follow the run.
  enum Output {
    case reply([Data], ReplyRoute)
    case feed([Data])
  }

  let name: String
  private let control: ZeroMQSocket
  private let feed: ZeroMQSocket
  /// The clients that wait for replies, by the ids of their commands.
  private var routes: [String: ReplyRoute] = [:]
  private var ids: [String] = []
  private var isFollowing = false
  private var greetings = 0

  /// The number of commands whose replies find their clients.
  private static let routeLimit = 1000
  /// The most messages that one call of `receive` hands on.
  private static let batch = 1024
  /// The largest message of a daemon, in bytes.
  private static let messageLimit: Int64 = 64 << 20

  /// Connects to the daemon of a run.
  init(_ directory: RunDirectory, _ context: ZeroMQContext) throws(WireError) {
    name = directory.name
    control = try ZeroMQSocket(context, ZMQ_DEALER)
    feed = try ZeroMQSocket(context, ZMQ_SUB)
    for socket in [control, feed] {
      socket.set(ZMQ_LINGER, 0)
      socket.set(ZMQ_MAXMSGSIZE, long: Self.messageLimit)
      socket.set(ZMQ_RECONNECT_IVL_MAX, 1000)
    }
    control.set(ZMQ_IMMEDIATE, 1)
    try control.connect(directory.controlEndpoint)
    try feed.connect(directory.feedEndpoint)
  }

  /// Ends the connection.
  func close() {
    control.close()
    feed.close()
  }

  /// The sockets to wait on.
  var sockets: [ZeroMQSocket] { [control, feed] }

  /// Begins to receive the feed, or greets a further follower. The daemon sends a heartbeat at each new
  /// subscription, so one who joins others hears something at once. They miss nothing, since theirs is
  /// not touched: the topic that is subscribed to anew does not exist.
  func follow() {
    if !isFollowing { feed.subscribe() }
    isFollowing = true
    feed.unsubscribe("greeting-\(greetings)")
    greetings += 1
    feed.subscribe("greeting-\(greetings)")
  }

  /// Ends to receive the feed.
  func unfollow() {
    if isFollowing { feed.unsubscribe() }
    isFollowing = false
  }

  /// Sends a command to the daemon. Returns `false` if it cannot be reached now.
  func send(_ command: Command, from route: ReplyRoute) -> Bool {
    // A daemon that has just begun to listen is connected within some milliseconds.
    guard control.wait(for: Int32(ZMQ_POLLOUT), seconds: 0.2), control.send([command.frame]) else {
      return false
    }
    if routes.updateValue(route, forKey: command.id) == nil {
      ids.append(command.id)
      if ids.count > Self.routeLimit { routes[ids.removeFirst()] = nil }
    }
    return true
  }

  /// Returns what has come from the daemon.
  func receive() -> [Output] {
    var outputs: [Output] = []
    while outputs.count < Self.batch, let frames = control.receive() {
      guard let id = ReplyCoding.id(of: frames), let route = routes[id] else { continue }
      outputs.append(.reply(frames, route))
    }
    while outputs.count < Self.batch, var frames = feed.receive(), !frames.isEmpty {
      frames[0] = Data((name + "/").utf8) + frames[0]
      outputs.append(.feed(frames))
    }
    return outputs
  }
}
