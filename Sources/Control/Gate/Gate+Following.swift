import FoundationEssentials
import History
import Run
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

// MARK: Following runs

extension Gate {
  /// Returns the connection to a run's daemon; `nil` if no daemon trains it.
  func relay(to run: RunDirectory) -> RunRelay? {
    guard RunLock.holder(of: run) != nil else {
      drop(run.name)
      return nil
    }
    if let relay = relays[run.name] { return relay }
    guard let relay = try? RunRelay(run, context) else { return nil }
    relays[run.name] = relay
    ended[run.name] = nil
    if door.connections.follows(run.name) { relay.follow() }
    return relay
  }

  private func drop(_ name: String) {
    relays.removeValue(forKey: name)?.close()
  }

  /// Takes note of what clients subscribe to, and follows those runs.
  func takeSubscriptions() {
    while let message = door.feed.socket.receiveFromPeer() {
      // What ZeroMQ says by itself, when a connection has ended, is known from its monitor.
      guard message.user != nil else { continue }
      guard authenticator.entry(of: message.user) != nil, let frame = message.frames.first,
        let kind = frame.first, kind < 2, take(Data(frame.dropFirst()), kind == 1, message)
      else {
        message.connection.end()
        continue
      }
    }
    unfollowAbandoned()
  }

  /// Takes a subscription or the end of one. Returns `false` if the client has too many.
  private func take(_ topic: Data, _ begins: Bool, _ message: PeerMessage) -> Bool {
    guard begins else {
      door.connections.unsubscribe(message, from: topic)
      return true
    }
    guard door.connections.subscribe(message, to: topic) else { return false }
    if let name = UserConnections.run(of: topic) { welcome(to: name) }
    return true
  }

  /// Lets a new follower of a run hear something at once, which proves that it will hear all that
  /// comes later.
  private func welcome(to name: String) {
    guard let run = RunCatalogue.named(name, in: parent) else { return }
    if let relay = relay(to: run) { relay.follow() } else { beat(run) }
  }

  /// Ends to receive the feeds of runs that nobody follows any more.
  func unfollowAbandoned() {
    for relay in relays.values where !door.connections.follows(relay.name) { relay.unfollow() }
    for name in ended.keys where !door.connections.follows(name) { ended[name] = nil }
  }

  private func beat(_ run: RunDirectory) {
    if let frames = ended[run.name, default: EndedRun(run)].beat() { door.feed.socket.send(frames) }
  }

  /// Looks which runs are being trained, sends heartbeats of those that are not, and reads who may
  /// connect.
  func look(now: Double) {
    nextLook = now + Self.lookInterval
    for name in door.connections.followed {
      guard let run = RunCatalogue.named(name, in: parent) else { continue }
      if relay(to: run) == nil { beat(run) }
    }
    for name in relays.keys where !door.connections.follows(name) {
      if let run = RunCatalogue.named(name, in: parent) { _ = relay(to: run) } else { drop(name) }
    }
    readKeys()
  }

  /// Reads the file of keys, and ends the connections of keys that were revoked. Those whose role has
  /// changed stay: what a client may do is looked up at each of its messages.
  private func readKeys() {
    let read: AuthorizedKeys
    do {
      read = try AuthorizedKeys.read(keyFile)
    } catch {
      // Nobody is let in by a list that cannot be understood.
      if authenticator.keys != AuthorizedKeys() { say("\(error)") }
      read = AuthorizedKeys()
    }
    let known = authenticator.keys.entries
    for entry in known where !read.entries.contains(entry) {
      say("\(entry.name) (\(entry.role)) may no longer connect as such")
    }
    for entry in read.entries where !known.contains(entry) {
      say("\(entry.name) may connect as \(entry.role)")
    }
    authenticator.keys = read
    for entry in known where read[entry.key] == nil {
      door.connections.end(of: "\(entry.key)")
    }
  }
}
