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
  package func send(
    _ verb: Command.Verb, key: String? = nil, value: Double? = nil, over: Int? = nil,
    phase: PhaseRequest? = nil
  ) throws -> String {
    let command = Command(
      id: UUID().uuidString, client: name, command: verb, key: key, value: value, over: over,
      phase: phase)
    guard control.send([WireJSON.encode(command)]) else {
      throw WireError.notRunning(endpoint: endpoints.control)
    }
    // Sending may have used up the descriptor's sign that something arrived.
    waker.wake()
    return command.id
  }

  private func askForSnapshot() {
    let request = Command(id: UUID().uuidString, client: name, command: .snapshot)
    guard control.send([WireJSON.encode(request)]) else { return }
    snapshots.insert(request.id)
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
  /// Sends one command and waits until it is carried out: for the commands of a shell. Gives all
  /// replies; the last is `ok`, `applied` or `rejected`.
  package static func request(
    _ verb: Command.Verb, key: String? = nil, value: Double? = nil, over: Int? = nil,
    phase: PhaseRequest? = nil, at endpoints: RunEndpoints, client: String, timeout: Double = 5
  ) throws(WireError) -> [Reply] {
    if let path = RunEndpoints.path(endpoints.control), access(path, F_OK) != 0 {
      throw .notRunning(endpoint: endpoints.control)
    }
    let socket = try dealer(ZeroMQContext())
    try socket.connect(endpoints.control)
    let deadline = Clock.monotonic() + timeout
    let command = Command(
      id: UUID().uuidString, client: client, command: verb, key: key, value: value, over: over,
      phase: phase)
    guard socket.wait(for: Int32(ZMQ_POLLOUT), seconds: timeout),
      socket.send([WireJSON.encode(command)])
    else { throw .notRunning(endpoint: endpoints.control) }
    var replies: [Reply] = []
    while socket.wait(for: Int32(ZMQ_POLLIN), seconds: deadline - Clock.monotonic()) {
      guard let frames = socket.receive(), frames.first?.isEmpty == false else { continue }
      let reply = try ReplyCoding.decode(frames)
      replies.append(reply)
      if reply.outcome != .accepted { return replies }
    }
    throw .timedOut(seconds: timeout, accepted: !replies.isEmpty)
  }
}
