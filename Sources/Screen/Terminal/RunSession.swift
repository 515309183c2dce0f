import FoundationEssentials
import History
import Run
import Wire

/// The connection of the screen to a run: over the wire while a daemon is running, otherwise from
/// the run's database. Must be used by one thread.
package final class RunSession {
  /// Where the run is.
  package let place: RunPlace
  /// The run as known so far, or `nil` if nothing is known yet.
  package private(set) var record: RunRecord?
  /// The record of the run that this one branched from, read from its database. `nil` if there is
  /// none or it cannot be read. Not used for distillations, whose steps are not comparable with the
  /// teacher's.
  package private(set) var parent: RunRecord?
  /// Pictures of some of the probe's images.
  package private(set) var pictures: [ProbePicture] = []
  /// The probe whose pictures were asked for last, and the request that is not answered yet.
  private var pictured: Int?
  private var asked: (id: String, step: Int, time: Double)?
  private var lookedFor: RunOrigin?
  /// How the viewer calls itself.
  private let client: String
  /// Opens a connection. Returns `nil` if no daemon is running.
  private let connect: () throws -> (any RunConnection)?
  private var connection: (any RunConnection)?
  private var nextLook = 0.0

  /// The time in seconds between two checks whether a daemon has started or ended.
  private static let lookInterval = 2.0

  /// Creates a session for a run. `client` identifies the viewer to the daemon, as `ClientName.of`
  /// returns it.
  package convenience init(place: RunPlace, client: String) {
    self.init(place: place, client: client) {
      place.isAnswered ? try RunClient(endpoints: place.endpoints, client: client) : nil
    }
  }

  /// Creates a session with another way to connect. `connect` returns `nil` if no daemon is
  /// running.
  package init(
    place: RunPlace, client: String, connect: @escaping () throws -> (any RunConnection)?
  ) {
    self.place = place
    self.client = client
    self.connect = connect
  }

  /// The file descriptor to wait on with `poll(2)`, or -1 if there is no connection.
  package var fileDescriptor: Int32 { connection?.fileDescriptor ?? -1 }

  /// Handles everything received. Returns whether the screen has to be redrawn.
  package func poll(_ state: inout RunViewState, now: Double) -> Bool {
    var changed = false
    if connection == nil || isLost(state) || hasEnded, now >= nextLook {
      nextLook = now + Self.lookInterval
      changed = look(&state, now: now)
    }
    changed = lookForPictures(state, now: now) || changed
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

  /// Sends a request. Its outcome appears in `state`.
  /// A change with an `id` that the daemon knows is not made again.
  package func send(
    _ request: Command.Request, _ state: inout RunViewState, now: Double,
    id: String = UUID().uuidString
  ) {
    let what = request.summary
    do {
      guard let connection else {
        state.refusePhase("not connected to the run")
        return state.say("✗ \(what): not connected to the run", .bad, now: now)
      }
      try connection.send(request, id: id)
      state.sent(id: id, what)
      if case .preview = request { state.previewing = id }
    } catch {
      state.refusePhase("\(error)")
      state.say("✗ \(what): \(error)", .bad, now: now)
    }
  }

  /// Asks what the change that is being typed would do, once that is due.
  package func foresee(_ state: inout RunViewState, now: Double) {
    guard let change = state.changeToForesee(now: now) else { return }
    let id = UUID().uuidString
    guard let connection, (try? connection.send(.preview(change), id: id)) != nil else {
      return state.forgetExpectation()
    }
    state.askedToForesee(id: id)
  }

  /// Gets the pictures of the last probe, if they are looked at. From another machine they come with a
  /// later message. Returns whether there are new ones.
  private func lookForPictures(_ state: RunViewState, now: Double) -> Bool {
    guard state.panel == .pictures, let last = record?.evaluations.last?.step, last != pictured
    else { return false }
    guard place.directory == nil, let connection else {
      pictured = last
      pictures = place.pictures(client: client)
      return true
    }
    // An answer may be lost with the connection.
    if let asked, now - asked.time < 10 { return false }
    let id = UUID().uuidString
    guard (try? connection.send(.pictures, id: id)) != nil else { return false }
    asked = (id, last, now)
    return false
  }

  /// Reads the record of the run that this one branched from, once.
  private func checkParentProcess() {
    guard parent == nil, let origin = record?.status.origin, origin != lookedFor,
      origin.kind == RunOrigin.branch
    else { return }
    lookedFor = origin
    parent = try? place.sibling(origin.run).record(client: client)
  }

  /// Whether the run has ended according to its daemon, which is then about to exit.
  private var hasEnded: Bool { record.map { !$0.status.state.isAlive } ?? false }

  private func isLost(_ state: RunViewState) -> Bool {
    if case .lost = state.link { true } else { false }
  }

  /// Connects if a daemon has started, and changes to the database if it has ended.
  private func look(_ state: inout RunViewState, now: Double) -> Bool {
    do {
      if connection != nil {
        // The connection reconnects by itself while the daemon is alive.
        guard !place.isAnswered else { return false }
        connection = nil
      } else if let connection = try connect() {
        self.connection = connection
        // What a gate knows comes with its snapshot.
        if record == nil, place.directory != nil { record = try? place.record(client: client) }
        state.link = .connecting
        return true
      }
      guard state.link != .history || record == nil else { return false }
      record = try place.record(client: client)
      checkParentProcess()
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
      record = RunRecord(snapshot: snapshot, onto: record)
      checkParentProcess()
      state.link = .live
    case .message(let message):
      record?.apply(message)
      state.link = .live
    case .reply(let reply):
      if let asked, reply.id == asked.id {
        if let found = reply.pictures { (pictures, pictured) = (found.elements, asked.step) }
      } else {
        state.receive(reply, now: now)
      }
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
