import Run

/// Joins a snapshot and the feed into a history without holes. No sockets, no clock of its own: the
/// same calls give the same events.
///
/// It begins to ask for a snapshot when it hears the feed, keeps what it hears meanwhile, and
/// delivers the snapshot and then only what is newer, in unbroken sequence. At a hole, or a number
/// that goes backwards (another daemon took the run up), it asks again.
package struct FeedFollower {
  private enum Phase: Equatable {
    /// Nothing is heard.
    case silent
    /// A snapshot is needed; what is heard is kept.
    case joining
    /// All is well; the number is the next one's.
    case following(next: Int)
  }

  /// Seconds of silence after which a run counts as lost; a daemon is heard every second.
  package static let patience = 5.0
  /// Seconds until a snapshot is asked for again: where none came, and where a hole follows upon
  /// one at once, since each costs the daemon some work.
  private static let retry = 3.0
  private static let pause = 0.25
  /// Messages that are kept while joining.
  private static let limit = 10_000

  private var phase = Phase.silent
  private var kept: [FeedArrival] = []
  private var lastHeard: Double
  private var lastNumber = 0
  private var isLost = false
  private var nextAsk = -Double.infinity

  /// `now` is seconds on a clock that only goes forwards, here and in all calls.
  package init(now: Double) { lastHeard = now }

  /// Whether to send a request for a snapshot now.
  package func wantsSnapshot(now: Double) -> Bool { phase == .joining && now >= nextAsk }

  /// A request for a snapshot was sent.
  package mutating func asked(now: Double) { nextAsk = now + Self.retry }

  /// A message of the feed.
  package mutating func heard(_ arrival: FeedArrival, now: Double) -> [ConnectionEvent] {
    defer { lastNumber = arrival.seq }
    lastHeard = now
    isLost = false
    if case .following(let next) = phase {
      if arrival.seq == next {
        phase = .following(next: next + 1)
        return arrival.message.map { [.message($0)] } ?? []
      }
      // The snapshot came by the other socket and had overtaken it.
      if lastNumber < arrival.seq && arrival.seq < next { return [] }
    }
    if phase != .joining { join(now: now) }
    if kept.count == Self.limit { kept = [] }
    kept.append(arrival)
    return []
  }

  /// A snapshot.
  package mutating func received(_ snapshot: Snapshot, now: Double) -> [ConnectionEvent] {
    guard phase == .joining else { return [] }
    let newer = kept.drop { $0.seq <= snapshot.sequence }
    for (offset, arrival) in newer.enumerated()
    where arrival.seq != snapshot.sequence + 1 + offset {
      join(now: now)
      return []
    }
    phase = .following(next: snapshot.sequence + 1 + newer.count)
    kept = []
    nextAsk = now + Self.pause
    return [.connected(snapshot)] + newer.compactMap(\.message).map(ConnectionEvent.message)
  }

  /// The passing of time.
  package mutating func tick(now: Double) -> [ConnectionEvent] {
    guard now - lastHeard > Self.patience, !isLost else { return [] }
    isLost = true
    phase = .silent
    kept = []
    return [.lost(reason: "nothing was heard from the daemon for \(Int(Self.patience)) s")]
  }

  /// Keeps what comes from now on, for a snapshot that is asked for soon.
  private mutating func join(now: Double) {
    phase = .joining
    kept = []
    if nextAsk > now + Self.pause { nextAsk = now + Self.pause }
  }
}
