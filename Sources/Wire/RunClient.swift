import CZeroMQ
import FoundationEssentials
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A viewer's connection to a daemon over its two sockets. One thread owns it.
///
/// It connects in the background and reconnects after a loss until it is closed.
package final class RunClient: RunConnection {
  private let name: String
  private let endpoints: RunEndpoints
  private let context: ZeroMQContext
  private let feed: ZeroMQSocket
  private let control: ZeroMQSocket
  private let waker: ClientWaker
  private var follower = FeedFollower(now: Clock.monotonic())
  private var isOpen = true
  /// The ids of the snapshot requests that this client sends itself. Their replies are not passed
  /// on.
  private var snapshots: Set<String> = []

  /// The most messages that one `poll` handles.
  private static let batch = 4096
  /// The largest message accepted from a daemon, in bytes. A full snapshot has 1.5 million.
  private static let messageLimit: Int64 = 64 << 20

  /// Starts to connect. `client` is the client's name for the journal, as `ClientName.of(_:)`
  /// makes it.
  package init(endpoints: RunEndpoints, client: String) throws(WireError) {
    name = client
    self.endpoints = endpoints
    context = try ZeroMQContext()
    feed = try ZeroMQSocket(context, ZMQ_SUB)
    control = try Self.dealer(context)
    feed.set(ZMQ_LINGER, 0)
    feed.set(ZMQ_MAXMSGSIZE, long: Self.messageLimit)
    feed.set(ZMQ_RECONNECT_IVL_MAX, 1000)
    feed.subscribe()
    try feed.connect(endpoints.feed)
    try control.connect(endpoints.control)
    waker = ClientWaker(watching: [feed.fileDescriptor, control.fileDescriptor])
  }

  deinit { close() }

  /// Closes the connection. Commands that were just sent still go out. Further calls do nothing.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    waker.close()
    feed.close()
    control.close()
    context.end()
  }

  /// Readable when `poll()` has something to do, and once a second, so that a caller without a
  /// timeout still notices a loss. `poll()` makes it unreadable again.
  package var fileDescriptor: Int32 { waker.fileDescriptor }

  package func poll() throws -> [ConnectionEvent] {
    waker.rest()
    var events: [ConnectionEvent] = []
    var count = 0
    // ZeroMQ's descriptors are edge-triggered: receive from both sockets until neither has more.
    while count < Self.batch, feed.isReady() || control.isReady() {
      if let frames = feed.receive(), let arrival = try? FeedCoding.decode(frames) {
        events += follower.receive(arrival, now: Clock.monotonic())
      }
      if let frames = control.receive() { events += take(frames) }
      count += 1
    }
    events += follower.tick(now: Clock.monotonic())
    if follower.wantsSnapshot(now: Clock.monotonic()) { askForSnapshot() }
    if count == Self.batch || control.isReady() || feed.isReady() { waker.wake() }
    return events
  }

  @discardableResult
  package func send(_ request: Command.Request) throws -> String {
    let command = Command(id: UUID().uuidString, client: name, request: request)
    guard control.send([command.frame]) else {
      throw WireError.notRunning(endpoint: endpoints.control)
    }
    // Sending may have consumed the edge that announced an arrival.
    waker.wake()
    return command.id
  }

  private func askForSnapshot() {
    let command = Command(id: UUID().uuidString, client: name, request: .snapshot)
    guard control.send([command.frame]) else { return }
    snapshots.insert(command.id)
    follower.asked(now: Clock.monotonic())
  }

  private func take(_ frames: [Data]) -> [ConnectionEvent] {
    // The daemon sends empty messages only to check that the client is still there.
    guard frames.first?.isEmpty == false, let reply = try? ReplyCoding.decode(frames) else {
      return []
    }
    guard snapshots.remove(reply.id) != nil else { return [.reply(reply)] }
    if let snapshot = reply.snapshot {
      snapshots = []
      return follower.received(snapshot, now: Clock.monotonic())
    }
    return [.lost(reason: reply.reason ?? "the daemon gave no snapshot")]
  }

  /// Returns a socket for commands. It queues them only while a daemon is connected: a command
  /// must not wait for a daemon that starts an hour later.
  fileprivate static func dealer(_ context: ZeroMQContext) throws(WireError) -> ZeroMQSocket {
    let socket = try ZeroMQSocket(context, ZMQ_DEALER)
    socket.set(ZMQ_IMMEDIATE, 1)
    socket.set(ZMQ_LINGER, 200)
    socket.set(ZMQ_RECONNECT_IVL_MAX, 1000)
    socket.set(ZMQ_MAXMSGSIZE, long: messageLimit)
    return socket
  }
}

extension RunClient {
  /// Sends one command and waits until it is carried out, as shell commands need it. It does not
  /// fetch a snapshot. Returns the final reply (`ok`, `applied` or `rejected`); `nil` if the
  /// daemon ended before it replied.
  ///
  /// - Parameters:
  ///   - timeout: The seconds within which the daemon must accept the command.
  ///   - patience: The seconds within which it must then carry it out; `nil` for no limit.
  ///   - isAlive: Returns whether the daemon is still there. Called a few times a second.
  package static func request(
    _ request: Command.Request, at endpoints: RunEndpoints, client: String, timeout: Double = 5,
    patience: Double? = 5, isAlive: () -> Bool = { true }
  ) throws(WireError) -> Reply? {
    if let path = RunEndpoints.path(endpoints.control), !FileSystem.exists(path) {
      throw .notRunning(endpoint: endpoints.control)
    }
    let socket = try dealer(ZeroMQContext())
    try socket.connect(endpoints.control)
    let command = Command(id: UUID().uuidString, client: client, request: request)
    guard socket.wait(for: Int32(ZMQ_POLLOUT), seconds: timeout), socket.send([command.frame])
    else { throw .notRunning(endpoint: endpoints.control) }
    var isAccepted = false
    var deadline = Clock.monotonic() + timeout
    while true {
      while let frames = socket.receive() {
        // Empty messages are checks, as in `take(_:)`.
        guard frames.first?.isEmpty == false else { continue }
        let reply = try ReplyCoding.decode(frames)
        guard reply.outcome == .accepted else { return reply }
        isAccepted = true
        deadline = patience.map { Clock.monotonic() + $0 } ?? .infinity
      }
      let left = deadline - Clock.monotonic()
      guard left > 0 else {
        let seconds = isAccepted ? patience ?? timeout : timeout
        throw .timedOut(seconds: seconds, accepted: isAccepted)
      }
      let readable = Int32(ZMQ_POLLIN)
      if socket.wait(for: readable, seconds: min(left, 0.25)) || isAlive() { continue }
      // The daemon may have replied just before it ended.
      guard socket.wait(for: readable, seconds: 0.1) else { return nil }
    }
  }
}
