import CZeroMQ
import FoundationEssentials
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A viewer's connection to a daemon over its two sockets. One thread owns it.
///
/// It connects in the background and again after a loss, for as long as it lives.
package final class RunClient: RunConnection {
  private let name: String
  private let endpoints: RunEndpoints
  private let context: ZeroMQContext
  private let feed: ZeroMQSocket
  private let control: ZeroMQSocket
  private let waker: ClientWaker
  private var follower = FeedFollower(now: Clock.monotonic())
  private var isOpen = true
  /// Requests for a snapshot have ids of their own, so that only their answers are taken here.
  private var snapshots: Set<String> = []

  /// Messages taken in one `poll`.
  private static let batch = 4096
  /// The largest message from a daemon, in bytes; a full snapshot has 1.5 million.
  private static let messageLimit: Int64 = 64 << 20

  /// `client` is who asks, as `ClientName.of` puts it.
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

  /// Ends the connection; commands just sent still go out. Further calls do nothing.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    waker.close()
    feed.close()
    control.close()
    context.end()
  }

  /// Readable when `poll` has something to do, and once a second, so that one can wait on it for
  /// ever and still learn of a loss. `poll` makes it unreadable again.
  package var fileDescriptor: Int32 { waker.fileDescriptor }

  package func poll() throws -> [ConnectionEvent] {
    waker.rest()
    var events: [ConnectionEvent] = []
    var count = 0
    // ZeroMQ's descriptors tell of changes, not of what is there: take all there is, on both
    // sockets, until neither has more.
    while count < Self.batch, feed.isReady() || control.isReady() {
      if let frames = feed.receive(), let arrival = try? FeedCoding.decode(frames) {
        events += follower.heard(arrival, now: Clock.monotonic())
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
    // Sending may have used up the descriptor's sign that something arrived.
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
    // An empty message only asks whether we are there.
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

  /// A socket for commands. They are only taken where a daemon is connected: a command must not
  /// wait for one that starts an hour later.
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
  /// Sends one command and waits until it is carried out: for the commands of a shell. No snapshot is
  /// fetched for it. Gives the last reply: `ok`, `applied` or `rejected`; nil where the daemon ended
  /// before it gave one.
  ///
  /// - Parameters:
  ///   - timeout: seconds until the daemon must have taken the command.
  ///   - patience: seconds for it to be carried out after that; nil: as long as `isAlive` says so.
  ///   - isAlive: whether the daemon is still there, asked now and then.
  package static func request(
    _ request: Command.Request, at endpoints: RunEndpoints, client: String, timeout: Double = 5,
    patience: Double? = 5, isAlive: () -> Bool = { true }
  ) throws(WireError) -> Reply? {
    if let path = RunEndpoints.path(endpoints.control), access(path, F_OK) != 0 {
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
        // An empty message only asks whether we are there.
        guard frames.first?.isEmpty == false else { continue }
        let reply = try ReplyCoding.decode(frames)
        guard reply.outcome == .accepted else { return reply }
        isAccepted = true
        deadline = patience.map { Clock.monotonic() + $0 } ?? .infinity
      }
      let left = deadline - Clock.monotonic()
      guard left > 0 else { throw .timedOut(seconds: timeout, accepted: isAccepted) }
      let readable = Int32(ZMQ_POLLIN)
      if socket.wait(for: readable, seconds: min(left, 0.25)) || isAlive() { continue }
      // It may have answered just before it ended.
      guard socket.wait(for: readable, seconds: 0.1) else { return nil }
    }
  }
}
