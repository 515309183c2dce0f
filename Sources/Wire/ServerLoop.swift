import CZeroMQ
import FoundationEssentials
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The work of a `RunServer`'s I/O thread. It is created on the caller's thread and then used on
/// the I/O thread alone.
final class ServerLoop {
  let endpoints: RunEndpoints

  private let context: ZeroMQContext
  private var feed: ZeroMQSocket
  private let control: ZeroMQSocket
  private let mailbox: ServerMailbox
  private let handler: ChangeHandler
  /// What clients may ask for.
  private let role: ClientRole

  /// The run as published. `record` is always the result of the first `sequence` messages.
  private var record: RunRecord
  private var sequence = 0
  private var lastPublished = -Double.infinity
  private var replies: ReplyLog
  /// The paths of the sockets, if they are local.
  private var feedPath: ListeningPath?
  private let controlPath: ListeningPath?
  /// How many topics were subscribed to since the feed was opened.
  private var subscriptions = 0
  private var clients: Set<Data> = []

  private static let heartbeat = 1.0
  /// The number of clients that may be connected to `control`.
  private static let clientLimit = 64
  /// The number of commands handled before the mailbox is checked again.
  private static let commandBatch = 64
  /// The largest message in bytes. A larger one ends its sender's connection. A message within
  /// this limit but over `Command.sizeLimit` is rejected.
  private static let messageLimit: Int64 = 1 << 20
  /// The largest message that a subscriber may send, in bytes. It sends only topics, which are kept
  /// in memory; a larger one ends its connection.
  private static let topicLimit: Int64 = 256
  /// The number of topics after which the feed is opened anew, so that those that are kept in memory
  /// take some megabytes at most. A client subscribes to a few and connects again by itself.
  private static let subscriptionLimit = 4096

  init(
    endpoints: RunEndpoints, record: RunRecord, role: ClientRole, mailbox: ServerMailbox,
    handler: @escaping ChangeHandler
  ) throws(WireError) {
    self.record = record
    self.role = role
    self.mailbox = mailbox
    self.handler = handler
    replies = ReplyLog(journal: record.journal)
    context = try ZeroMQContext()
    control = try Self.socket(context, ZMQ_ROUTER)
    control.set(ZMQ_MAXMSGSIZE, long: Self.messageLimit)
    // Make sending to a disconnected client fail, so that `admit(_:)` can detect it.
    control.set(ZMQ_ROUTER_MANDATORY, 1)
    // Limit the snapshots that wait for a client that does not read them.
    control.set(ZMQ_SNDHWM, 16)
    let opened = try Self.openFeed(context, endpoints.feed)
    (feed, feedPath) = (opened.socket, opened.path)
    let bound = try ListeningPath.bind(control, endpoints.control)
    controlPath = bound.path
    self.endpoints = RunEndpoints(feed: opened.endpoint, control: bound.endpoint)
  }

  private static func socket(
    _ context: ZeroMQContext, _ type: Int32
  ) throws(WireError) -> ZeroMQSocket {
    let socket = try ZeroMQSocket(context, type)
    socket.set(ZMQ_LINGER, 1000)
    socket.set(ZMQ_HANDSHAKE_IVL, 5000)
    return socket
  }

  private static func openFeed(
    _ context: ZeroMQContext, _ endpoint: String
  ) throws(WireError) -> (socket: ZeroMQSocket, path: ListeningPath?, endpoint: String) {
    let socket = try socket(context, ZMQ_XPUB)
    socket.set(ZMQ_MAXMSGSIZE, long: topicLimit)
    // Report every subscription, even a repeated one to the same topic: see `welcome()`.
    socket.set(ZMQ_XPUB_VERBOSE, 1)
    let bound = try ListeningPath.bind(socket, endpoint)
    return (socket, bound.path, bound.endpoint)
  }

  /// Serves until the mailbox is stopped.
  func run() {
    var isStopping = false
    while !isStopping {
      wait()
      let (items, last) = mailbox.take()
      isStopping = last
      for item in items { handle(item) }
      welcome()
      for _ in 0..<Self.commandBatch {
        guard let frames = control.receive() else { break }
        take(frames)
      }
      if Clock.monotonic() - lastPublished >= Self.heartbeat { beat() }
    }
    // A client drops what it has not yet read when the connection closes (ZMQ_IMMEDIATE). Leave it
    // some time to read the reply to `stop`.
    usleep(100_000)
    feed.close()
    control.close()
    context.end()
    for path in [feedPath, controlPath] { path?.remove() }
    endpoints.removeFolder()
  }

  /// Waits for the mailbox, a subscription, a command or the next heartbeat.
  private func wait() {
    let readable = Int16(ZMQ_POLLIN)
    var items = [
      zmq_pollitem_t(socket: nil, fd: mailbox.fileDescriptor, events: readable, revents: 0),
      zmq_pollitem_t(socket: feed.handle, fd: 0, events: readable, revents: 0),
      zmq_pollitem_t(socket: control.handle, fd: 0, events: readable, revents: 0),
    ]
    let seconds = lastPublished + Self.heartbeat - Clock.monotonic()
    _ = zmq_poll(&items, Int32(items.count), Int(max(0, min(seconds, 1) * 1000).rounded(.up)))
  }

  private func handle(_ item: ServerMailbox.Item) {
    switch item {
    case .feed(let message): publish(message)
    case .missed(let count): sequence += count
    case .reply(let reply):
      if let route = replies.remember(reply, from: nil) { send(reply, to: route) }
    }
  }

  private func publish(_ message: FeedMessage) {
    sequence += 1
    record.apply(message)
    feed.send(
      FeedCoding.encode(
        message, seq: sequence, run: record.status.name, time: Clock.wall()))
    lastPublished = Clock.monotonic()
  }

  private func beat() {
    publish(.heartbeat(Heartbeat(state: record.status.state, step: record.status.step)))
  }

  /// Publishes a heartbeat for new subscribers. The first message that a subscriber hears proves
  /// that it will hear all later ones, so a snapshot requested after it joins the feed without a
  /// gap.
  private func welcome() {
    var new = 0
    while new <= Self.subscriptionLimit, let frames = feed.receive() {
      if frames.first?.first == 1 { new += 1 }
    }
    subscriptions += new
    if subscriptions > Self.subscriptionLimit { reopenFeed() }
    if new > 0 { beat() }
  }

  /// Closes all connections to the feed, with what their clients subscribed to. Those of clients that
  /// follow the run are made again by themselves, and what they missed is seen by its numbers.
  private func reopenFeed() {
    subscriptions = 0
    // A local socket takes the old one's path. Where that is not possible the old one stays.
    guard let opened = try? Self.openFeed(context, endpoints.feed) else { return }
    feed.close()
    (feed, feedPath) = (opened.socket, opened.path)
  }
}

// MARK: Commands

extension ServerLoop {
  /// Handles a message of `control`: the identity, an empty frame if a REQ socket sent it, the
  /// command.
  private func take(_ frames: [Data]) {
    guard let (route, frame) = ReplyRoute.split(frames) else { return }
    guard let frame else { return send(ReplyRoute.noCommand, to: route) }
    guard admit(route.identity) else {
      let reason = "\(Self.clientLimit) clients are connected, which is the limit; close one"
      return send(Reply(id: "", outcome: .rejected, reason: reason), to: route)
    }
    switch Command.parse(frame) {
    case .failure(let refusal): send(refusal.reply, to: route)
    case .success(let command): send(reply(to: command, from: route), to: route)
    }
  }

  private func reply(to command: Command, from route: ReplyRoute) -> Reply {
    let (id, change, isPreview): (String, Change, Bool)
    switch command.request {
    case .hello:
      return Reply(
        id: command.id, outcome: .ok, version: protocolVersion, run: record.status.name)
    case .status: return Reply(id: command.id, outcome: .ok, status: record.status)
    case .runs:
      var reply = Reply(id: command.id, outcome: .ok)
      reply.runs = [RunSummary(record, isTraining: true)]
      return reply
    case .snapshot:
      return Reply(
        id: command.id, outcome: .ok, record, sequence: sequence, scope: command.scope)
    case .checkpoints, .pictures:
      return Reply(
        id: command.id, outcome: .rejected,
        reason:
          "a gate answers \(command.request.name); on this machine they are in the run's folder")
    case .change(let asked): (id, change, isPreview) = (command.id, asked, false)
    case .preview(let asked): (id, change, isPreview) = (command.id, asked, true)
    }
    guard isPreview || change.kind.role <= role else {
      return Reply(
        id: id, outcome: .rejected,
        reason:
          "\(change.kind.name) is for the \(change.kind.role) of a run, and you are \(role.withArticle)"
      )
    }
    if let earlier = replies.answer(to: id, from: route) { return earlier }
    var reply = handler(
      ChangeRequest(id: id, client: command.client, change: change, isPreview: isPreview))
    reply.id = id
    replies.remember(reply, from: route)
    return reply
  }

  /// Returns whether a client may send commands: it is known, or there is room for it. If there is
  /// no room, disconnected clients are found by sending each client an empty message, which
  /// clients ignore.
  private func admit(_ identity: Data) -> Bool {
    if clients.contains(identity) { return true }
    if clients.count >= Self.clientLimit {
      clients = clients.filter { control.send([$0, Data()]) }
    }
    guard clients.count < Self.clientLimit else { return false }
    clients.insert(identity)
    return true
  }

  private func send(_ reply: Reply, to route: ReplyRoute) {
    control.send(route.frames + ReplyCoding.encode(reply))
  }
}
