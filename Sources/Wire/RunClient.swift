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
  /// What was handed to the caller so far, which a further snapshot need not repeat.
  private var known: SnapshotScope.Known?

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
    control = try Self.dealer(context, endpoints)
    feed.set(ZMQ_LINGER, 0)
    feed.set(ZMQ_MAXMSGSIZE, long: Self.messageLimit)
    feed.set(ZMQ_RECONNECT_IVL_MAX, 1000)
    feed.encrypt(as: endpoints)
    feed.subscribe(endpoints.topicPrefix)
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
    for event in events { note(event) }
    if follower.wantsSnapshot(now: Clock.monotonic()) { askForSnapshot() }
    if count == Self.batch || control.isReady() || feed.isReady() { waker.wake() }
    return events
  }

  package func send(_ request: Command.Request, id: String) throws {
    let command = command(request, id: id)
    guard control.send([command.frame]) else {
      throw WireError.notRunning(endpoint: endpoints.control)
    }
    // Sending may have consumed the edge that announced an arrival.
    waker.wake()
  }

  private func command(_ request: Command.Request, id: String = UUID().uuidString) -> Command {
    Command(id: id, client: name, request: request, run: endpoints.run)
  }

  private func askForSnapshot() {
    var command = command(.snapshot)
    command.scope = SnapshotScope(known: known, isCompressed: endpoints.isRemote)
    guard control.send([command.frame]) else { return }
    snapshots.insert(command.id)
    follower.asked(now: Clock.monotonic())
  }

  /// Keeps count of what the caller has.
  private func note(_ event: ConnectionEvent) {
    switch event {
    case .connected(let snapshot):
      let last = snapshot.samples.last?.step ?? snapshot.after
      let began = snapshot.after == nil ? snapshot.samples.first?.time : known?.began
      known = last.flatMap { step in
        began.map {
          SnapshotScope.Known(step: step, entry: snapshot.journal.last?.id, began: $0)
        }
      }
    case .message(.step(let sample)): known?.step = sample.step
    case .message(.journal(let entry)):
      known?.entry = entry.id
      if entry.isRewound { known = nil }
    default: break
    }
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
  static func dealer(
    _ context: ZeroMQContext, _ endpoints: RunEndpoints
  ) throws(WireError) -> ZeroMQSocket {
    let socket = try ZeroMQSocket(context, ZMQ_DEALER)
    socket.encrypt(as: endpoints)
    socket.set(ZMQ_IMMEDIATE, 1)
    socket.set(ZMQ_LINGER, 200)
    socket.set(ZMQ_RECONNECT_IVL_MAX, 1000)
    socket.set(ZMQ_MAXMSGSIZE, long: messageLimit)
    return socket
  }
}
