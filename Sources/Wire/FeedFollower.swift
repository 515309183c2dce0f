import Run

/// Joins a snapshot and the feed into a history without gaps. It has no sockets and no clock: the
/// same calls give the same events.
///
/// When it hears the feed, it asks for a snapshot and keeps the messages that arrive meanwhile. It
/// then delivers the snapshot, followed by the newer messages in unbroken sequence. It asks again
/// at a gap, or when a number goes backwards because another daemon has resumed the run.
package struct FeedFollower {
  private enum Phase: Equatable {
    /// The daemon is silent.
    case silent
    /// A snapshot is needed; messages are kept.
    case joining
    /// Messages are delivered in sequence; `next` is the number of the next one.
    case following(next: Int)
  }

  /// Seconds of silence after which the connection counts as lost. A daemon sends something every
  /// second.
  package static let patience = 5.0
  /// Seconds until the next request for a snapshot: `retry` if the last one had no answer, `pause`
  /// if a gap follows at once, since each snapshot costs the daemon some work.
  private static let retry = 3.0
  private static let pause = 0.25
  /// The number of messages kept while joining.
  private static let limit = 10_000

  private var phase = Phase.silent
  private var kept: [FeedArrival] = []
  private var lastHeard: Double
  private var lastNumber = 0
  private var isLost = false
  private var nextAsk = -Double.infinity

  /// Creates a follower. Here and in all calls, `now` is in seconds on a monotonic clock.
  package init(now: Double) { lastHeard = now }

  /// Returns whether to request a snapshot now.
  package func wantsSnapshot(now: Double) -> Bool { phase == .joining && now >= nextAsk }

  /// Notes that a snapshot was requested.
  package mutating func asked(now: Double) { nextAsk = now + Self.retry }

  /// Takes a message of the feed. Returns the events for the viewer.
  package mutating func receive(_ arrival: FeedArrival, now: Double) -> [ConnectionEvent] {
    defer { lastNumber = arrival.seq }
    lastHeard = now
    isLost = false
    if case .following(let next) = phase {
      if arrival.seq == next {
        phase = .following(next: next + 1)
        return arrival.message.map { [.message($0)] } ?? []
      }
      // The snapshot came over the other socket and already contains this message.
      if lastNumber < arrival.seq && arrival.seq < next { return [] }
    }
    if phase != .joining { join(now: now) }
    if kept.count == Self.limit { kept = [] }
    kept.append(arrival)
    return []
  }

  /// Takes a snapshot. Returns it and the newer messages as events; empty if there is a gap
  /// between them or no snapshot was needed.
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

  /// Checks for silence. Returns `lost` once when the daemon has been silent for too long.
  package mutating func tick(now: Double) -> [ConnectionEvent] {
    guard now - lastHeard > Self.patience, !isLost else { return [] }
    isLost = true
    phase = .silent
    kept = []
    return [.lost(reason: "the daemon has sent nothing for \(Int(Self.patience)) s")]
  }

  /// Begins to keep messages for a snapshot that will be requested soon.
  private mutating func join(now: Double) {
    phase = .joining
    kept = []
    if nextAsk > now + Self.pause { nextAsk = now + Self.pause }
  }
}
