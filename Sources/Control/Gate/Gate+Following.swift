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
    if followed[run.name] != nil { relay.follow() }
    return relay
  }

  private func drop(_ name: String) {
    relays.removeValue(forKey: name)?.close()
  }

  /// Takes note of what clients subscribe to, and follows those runs.
  func takeSubscriptions() {
    while let message = door.feed.socket.receiveFromPeer() {
      guard let user = message.user, authenticator.keys[name: user] != nil else {
        message.disconnectSender()
        continue
      }
      guard let frame = message.frames.first, let kind = frame.first,
        let name = Self.run(of: frame.dropFirst())
      else { continue }
      let topic = Data(frame.dropFirst())
      if kind == 1 {
        subscriptions += 1
        followed[name, default: []].insert(topic)
        if subscriptions > Self.subscriptionLimit { reopen("there are too many subscriptions") }
        welcome(to: name)
      } else {
        followed[name]?.remove(topic)
        if followed[name]?.isEmpty == true { unfollow(name) }
      }
    }
  }

  /// Returns the run's name in a topic such as `moths/step`; `nil` if there is none.
  private static func run(of topic: Data) -> String? {
    guard let slash = topic.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let name = String(decoding: topic[..<slash], as: UTF8.self)
    return name.isEmpty || name.hasPrefix(".") ? nil : name
  }

  /// Lets a new follower of a run hear something at once, which proves that it will hear all that
  /// comes later.
  private func welcome(to name: String) {
    guard let run = RunCatalogue.named(name, in: parent) else {
      followed[name] = nil
      return
    }
    if let relay = relay(to: run) { relay.follow() } else { beat(run) }
  }

  private func unfollow(_ name: String) {
    followed[name] = nil
    ended[name] = nil
    relays[name]?.unfollow()
  }

  private func beat(_ run: RunDirectory) {
    if let frames = ended[run.name, default: EndedRun(run)].beat() { door.feed.socket.send(frames) }
  }

  /// Looks which runs are being trained, sends heartbeats of those that are not, and reads who may
  /// connect.
  func look(now: Double) {
    nextLook = now + Self.lookInterval
    for name in followed.keys {
      guard let run = RunCatalogue.named(name, in: parent) else { continue }
      if relay(to: run) == nil { beat(run) }
    }
    for name in relays.keys where followed[name] == nil {
      if let run = RunCatalogue.named(name, in: parent) { _ = relay(to: run) } else { drop(name) }
    }
    readKeys()
  }

  /// Reads the file of keys. If one was revoked or has another role, all connections are ended, since
  /// ZeroMQ has no way to end those of one key; the others are made again at once.
  private func readKeys() {
    let read: AuthorizedKeys
    do {
      read = try AuthorizedKeys.read(keyFile)
    } catch {
      // Nobody is let in by a list that cannot be understood.
      if authenticator.keys != AuthorizedKeys() { say("\(error)") }
      read = AuthorizedKeys()
    }
    let lost = authenticator.keys.entries.filter { !read.entries.contains($0) }
    for entry in lost { say("\(entry.name) (\(entry.role)) may no longer connect as such") }
    for entry in read.entries where !authenticator.keys.entries.contains(entry) {
      say("\(entry.name) may connect as \(entry.role)")
    }
    authenticator.keys = read
    if !lost.isEmpty { reopen("a key was revoked") }
  }

  /// Ends all connections from the network and listens anew.
  private func reopen(_ why: String) {
    say("\(why): all connections are made anew")
    door.close()
    followed = [:]
    subscriptions = 0
    for relay in relays.values { relay.unfollow() }
    doors += 1
    for attempt in 0... {
      do {
        door = try GateDoor(context, address, keys: own, number: doors + attempt)
        doors += attempt
        return
      } catch {
        // ZeroMQ frees the port some time after the socket is closed.
        if attempt == 50 { say("\(error)") }
        usleep(100_000)
      }
    }
  }
}
