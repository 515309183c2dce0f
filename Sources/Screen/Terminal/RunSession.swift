import History
import Run
import Wire

/// A run as the screen follows it: over the wire while a daemon is at work, from its database
/// before and after. One thread owns it.
package final class RunSession {
  package let directory: RunDirectory
  /// The run as far as it is known; nil before anything is.
  package private(set) var record: RunRecord?
  /// The run that this one branched from, as its database has it; nil: none, or it is gone. Steps of
  /// a distillation are counted anew and tell nothing beside its teacher's.
  package private(set) var parent: RunRecord?
  private var lookedFor: RunOrigin?
  /// Opens a connection; nil where no daemon is at work.
  private let connect: () throws -> (any RunConnection)?
  private var connection: (any RunConnection)?
  private var nextLook = 0.0

  /// Seconds between two looks whether a daemon has come or gone.
  private static let lookInterval = 2.0

  /// Follows the run in a directory. `client` is who asks, as `ClientName.of` puts it.
  package convenience init(directory: RunDirectory, client: String) {
    self.init(directory: directory) {
      guard RunLock.holder(of: directory) != nil else { return nil }
      return try RunClient(endpoints: RunEndpoints(directory), client: client)
    }
  }

  package init(directory: RunDirectory, connect: @escaping () throws -> (any RunConnection)?) {
    self.directory = directory
    self.connect = connect
  }

  /// For `poll(2)` beside the keyboard; -1 while there is no connection.
  package var fileDescriptor: Int32 { connection?.fileDescriptor ?? -1 }

  /// Takes in all news. Returns whether the screen shows something else now.
  package func poll(_ state: inout RunViewState, now: Double) -> Bool {
    var changed = false
    if connection == nil || isLost(state) || hasEnded, now >= nextLook {
      nextLook = now + Self.lookInterval
      changed = look(&state, now: now)
    }
    guard let connection else { return changed }
    do {
      for event in try connection.poll() {
        take(event, &state, now: now)
        changed = true
      }
    } catch {
      changed = lose("\(error)", &state, now: now) || changed
    }
    return changed
  }

  /// Asks for a change, or what it would cost; what became of it shows in the state.
  package func send(_ request: Command.Request, _ state: inout RunViewState, now: Double) {
    let what = request.summary
    do {
      guard let connection else { return state.refusePhase("not connected to the run") }
      let id = try connection.send(request)
      state.sent(id: id, what)
      if case .preview = request { state.previewing = id }
    } catch {
      state.refusePhase("\(error)")
      state.say("✗ \(what): \(error)", .bad, now: now)
    }
  }

  /// Reads the run that this one branched from, once.
  private func lookForParent() {
    guard parent == nil, let origin = record?.status.origin, origin != lookedFor,
      origin.kind == RunOrigin.branch
    else { return }
    lookedFor = origin
    parent = try? HistoryReader(directory: directory.sibling(origin.run)).record()
  }

  /// Whether the daemon said that the run is over; it is about to go then.
  private var hasEnded: Bool { record.map { !$0.status.state.isAlive } ?? false }

  private func isLost(_ state: RunViewState) -> Bool {
    if case .lost = state.link { true } else { false }
  }

  /// Connects where a daemon has come; turns to the database where it has gone.
  private func look(_ state: inout RunViewState, now: Double) -> Bool {
    do {
      if connection != nil {
        // The connection tries by itself as long as the daemon lives.
        guard RunLock.holder(of: directory) == nil else { return false }
        connection = nil
      } else if let connection = try connect() {
        self.connection = connection
        if record == nil { record = try? HistoryReader(directory: directory).record() }
        state.link = .connecting
        return true
      }
      guard state.link != .history || record == nil else { return false }
      record = try HistoryReader(directory: directory).record()
      lookForParent()
      state.link = .history
      state.forgetPending(hasEnded ? "the run has ended" : "the daemon is gone", now: now)
    } catch {
      state.say("✗ \(error)", .bad, now: now)
    }
    return true
  }

  private func take(_ event: ConnectionEvent, _ state: inout RunViewState, now: Double) {
    switch event {
    case .connected(let snapshot):
      record = RunRecord(snapshot: snapshot)
      lookForParent()
      state.link = .live
    case .message(let message):
      record?.apply(message)
      state.link = .live
    case .reply(let reply):
      state.receive(reply, now: now)
    case .lost(let reason):
      _ = lose(reason, &state, now: now)
    }
  }

  private func lose(_ reason: String, _ state: inout RunViewState, now: Double) -> Bool {
    guard !isLost(state) else { return false }
    state.link = .lost(since: now, reason: reason)
    state.forgetPending("the connection was lost before an answer came", now: now)
    nextLook = now + 0.2
    return true
  }
}

extension RunEndpoints {
  /// The sockets of a run on this machine.
  package init(_ directory: RunDirectory) {
    self.init(feed: directory.feedEndpoint, control: directory.controlEndpoint)
  }
}
