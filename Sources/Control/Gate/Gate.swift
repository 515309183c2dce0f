import CZeroMQ
import FoundationEssentials
import History
import Run
import Support
import Wire

/// Lets clients of other machines see and steer the runs of this one, by their keys.
///
/// It is a process of its own, so that nothing that comes from a network can reach a trainer: it reads
/// what was sent, checks role and limits, and passes commands on under the name of the key's owner.
/// One thread uses it.
package final class Gate {
  let context: ZeroMQContext
  let authenticator: Authenticator
  let address: GateAddress
  let own: CurveKeyPair
  let keyFile: String
  let parent: String?
  let say: (String) -> Void
  private let checkpoints: (RunDirectory) throws -> [CheckpointFacts]
  let door: GateDoor
  var relays: [String: RunRelay] = [:]
  var ended: [String: EndedRun] = [:]
  private var budget = RequestBudget()
  var nextLook = 0.0

  /// Messages of one kind that are handled before others have their turn.
  private static let batch = 64
  /// Seconds between two looks at which runs are being trained, and at the file of keys.
  static let lookInterval = 1.0

  /// Listens at an address.
  ///
  /// - Parameters:
  ///   - own: The keys of this machine.
  ///   - authorized: The file that says who may connect. It is read anew when it changes.
  ///   - parent: The folder of the runs; the default one if `nil`.
  ///   - checkpoints: Lists the checkpoints of a run.
  ///   - say: Takes a line for the log.
  package init(
    _ address: GateAddress, own: CurveKeyPair, authorized: String = AuthorizedKeys.file,
    runs parent: String?,
    checkpoints: @escaping (RunDirectory) throws -> [CheckpointFacts] = { _ in [] },
    say: @escaping (String) -> Void
  ) throws {
    self.checkpoints = checkpoints
    (self.address, self.own, self.parent, self.say) = (address, own, parent, say)
    keyFile = authorized
    context = try ZeroMQContext()
    let refusals = RefusalLog(say)
    authenticator = try Authenticator(
      context, keys: try AuthorizedKeys.read(keyFile), refused: refusals.add)
    door = try GateDoor(context, address, keys: own)
  }

  /// Who may connect at present.
  package var authorized: AuthorizedKeys { authenticator.keys }

  /// Serves what there is, and waits at most a second for more.
  package func turn() {
    wait()
    let now = Clock.monotonic()
    authenticator.tend()
    door.tend()
    unfollowAbandoned()
    for _ in 0..<Self.batch {
      guard let message = door.control.socket.receiveFromPeer() else { break }
      take(message, now: now)
    }
    takeSubscriptions()
    for relay in relays.values {
      for output in relay.receive() {
        switch output {
        case .reply(let frames, let route): door.send(frames, to: route)
        case .feed(let frames): door.feed.socket.send(frames)
        }
      }
    }
    if now >= nextLook { look(now: now) }
  }

  /// Closes everything. The gate must not be used any more.
  package func close() {
    door.close()
    for relay in relays.values { relay.close() }
    authenticator.socket.close()
    context.end()
  }

  private func wait() {
    var sockets = [
      authenticator.socket, door.control.socket, door.feed.socket, door.control.monitored,
      door.feed.monitored,
    ]
    for relay in relays.values { sockets += relay.sockets }
    let left = nextLook - Clock.monotonic()
    ZeroMQSocket.wait(for: sockets, seconds: max(0, min(left, Self.lookInterval)))
  }
}

// MARK: Commands

extension Gate {
  private func take(_ message: PeerMessage, now: Double) {
    guard let (route, frame) = ReplyRoute.split(message.frames) else { return }
    guard let entry = authenticator.entry(of: message.user) else {
      return message.connection.end()
    }
    door.connections.note(message)
    func refuseNoise() {
      say("\(entry.name) (\(message.connection.address)) sent what is no command; disconnected")
      message.connection.end()
    }
    guard let frame else { return refuseNoise() }
    let tooMany = "too many requests; \(Int(RequestBudget.rate)) a second are answered"
    guard budget.take(entry.name, now: now) else { return refuse("", tooMany, route) }
    guard door.admit(route.identity) else {
      return refuse("", "too many clients are connected; close one", route)
    }
    switch Command.parse(frame) {
    case .failure(let refusal):
      if refusal.reply.id.isEmpty { return refuseNoise() }
      send(refusal.reply, route)
    case .success(let command):
      // What is read from the disk holds up the others.
      guard !command.isHeavy || budget.take(entry.name, now: now, cost: 2) else {
        return refuse(command.id, tooMany, route)
      }
      carryOut(command, of: entry, route)
    }
  }

  private func carryOut(_ command: Command, of entry: AuthorizedKeys.Entry, _ route: ReplyRoute) {
    switch command.request {
    case .hello:
      var reply = Reply(
        id: command.id, outcome: .ok, version: protocolVersion, run: command.run)
      (reply.client, reply.role) = (entry.name, entry.role)
      return send(reply, route)
    case .runs:
      var reply = Reply(id: command.id, outcome: .ok)
      reply.runs = runs()
      return send(reply, route)
    case .change(let change) where change.kind.role > entry.role:
      let (needed, kind) = (change.kind.role, change.kind.name)
      return refuse(
        command.id,
        "\(kind) is for the \(needed) of a run, and \(entry.name) is \(entry.role.withArticle)",
        route)
    default: break
    }
    guard let name = command.run, let run = RunCatalogue.named(name, in: parent) else {
      let name = command.run.map { "there is no run '\($0)' here" } ?? "the command names no run"
      return refuse(command.id, "\(name); runs lists them", route)
    }
    if let reply = recorded(command, of: run) { return send(reply, route) }
    guard let relay = relay(to: run) else {
      return send((ended[name] ?? EndedRun(run)).reply(to: command), route)
    }
    // The journal names the owner of the key, whatever the message says.
    var command = command
    (command.client, command.run) = (entry.name, nil)
    guard relay.send(command, from: route) else {
      return refuse(command.id, "the daemon of \(name) does not answer; is it stuck?", route)
    }
  }

  /// Answers a question about what a run has on the disk, which no daemon is needed for; `nil` for other
  /// commands.
  private func recorded(_ command: Command, of run: RunDirectory) -> Reply? {
    do {
      switch command.request {
      case .checkpoints:
        var reply = Reply(id: command.id, outcome: .ok)
        reply.checkpoints = try checkpoints(run)
        return reply
      case .pictures:
        var reply = Reply(id: command.id, outcome: .ok)
        reply.pictures = KnownList(try HistoryReader(directory: run).pictures())
        return reply
      case .snapshot:
        guard let rows = command.scope.rows else { return nil }
        let record = try HistoryReader(directory: run).record(rows)
        return Reply(id: command.id, outcome: .ok, snapshot: record, scope: command.scope)
      default: return nil
      }
    } catch {
      return Reply(id: command.id, outcome: .rejected, reason: "\(error)")
    }
  }

  /// Returns summaries of all runs. One that cannot be read is left out, and said in the log.
  private func runs() -> [RunSummary] {
    ((try? RunCatalogue.all(in: parent)) ?? []).compactMap { run in
      do {
        return try run.outline()
      } catch {
        say("\(run.name): \(error)")
        return nil
      }
    }
  }

  private func refuse(_ id: String, _ reason: String, _ route: ReplyRoute) {
    send(Reply(id: id, outcome: .rejected, reason: reason), route)
  }

  private func send(_ reply: Reply, _ route: ReplyRoute) {
    door.send(ReplyCoding.encode(reply), to: route)
  }
}

extension HistoryReader {
  /// Returns the run as it was recorded, with the samples of certain steps.
  fileprivate func record(_ rows: SnapshotScope.Rows) throws -> Snapshot {
    var snapshot = try record(withSamples: false).snapshot(sequence: 0)
    // The status is written now and then, a step at once.
    snapshot.status.step = max(snapshot.status.step, try lastStep())
    try samples(in: rows.first...rows.last, stride: rows.stride) { snapshot.samples.append($0) }
    return snapshot
  }
}

extension Command {
  /// Whether much is read from the disk for the answer.
  fileprivate var isHeavy: Bool {
    switch request {
    case .checkpoints, .pictures: true
    case .snapshot: scope.rows != nil
    default: false
    }
  }
}
