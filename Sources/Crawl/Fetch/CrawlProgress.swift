/// How far a crawl is.
package struct CrawlProgress: Sendable, Equatable {
  /// Addresses that have ended, by outcome, in this run and before.
  package var outcomes: [FetchOutcome: Int] = [:]
  /// Addresses that have not ended, and how many of these are left for a later run.
  package var waiting = 0
  package var left = 0
  /// Requests that are going on, and those that were made in this run.
  package var active = 0
  package var requests = 0
  /// Bytes of bodies that came in this run.
  package var bytes = 0
  /// The seconds of this run, and the addresses that end in a second now.
  package var seconds = 0.0
  package var rate = 0.0
  /// The seconds until all that is not left for a later run has ended; `nil` if that cannot be said.
  package var secondsLeft: Double?
  /// Whether no name of a host was found, so that all addresses wait for a network.
  package var isOffline = false
  /// The hosts with the most failures, at most ten.
  package var failing: [HostRecord] = []

  package init() {}

  /// Addresses that have ended.
  package var ended: Int { outcomes.values.reduce(0, +) }
}

/// Computes the rate at which addresses end, over about the last minute.
struct RateMeter {
  private static let window = 60.0
  private var samples: [(time: Double, ended: Int)] = []

  /// Notes how many have ended by a time on the monotonic clock, and returns how many end in a second.
  mutating func rate(at time: Double, ended: Int) -> Double {
    samples.append((time, ended))
    let first = samples.lastIndex { $0.time <= time - Self.window } ?? 0
    samples.removeFirst(first)
    let past = time - samples[0].time
    return past > 0 ? Double(ended - samples[0].ended) / past : 0
  }
}
