/// A measurement of how fast a run trains.
struct Pace {
  private var last: Double?
  /// The duration of the last step in seconds, including waiting for images and reporting.
  private(set) var stepSeconds: Double?
  private var mean = 0.0
  /// Steps in the mean. The first step of all only warms up and does not count.
  private var counted = -1

  /// Counts a step that ended at `now`, in seconds.
  mutating func count(_ now: Double) {
    if let last {
      let seconds = now - last
      stepSeconds = seconds
      counted += 1
      // The plain mean at first, then an exponential one over about fifty steps: it settles
      // quickly and a single slow step hardly changes it.
      if counted > 0 { mean += (seconds - mean) * max(1 / Double(counted), 0.02) }
    }
    last = now
  }

  /// Excludes the time until `now` from the next step.
  mutating func restart(_ now: Double) { last = now }

  /// Returns the seconds that `steps` more steps take; `nil` before two steps are done.
  func timeLeft(steps: Double) -> Double? { stepMean.map { $0 * steps } }

  /// The mean duration of a step in seconds; `nil` before two steps are done.
  var stepMean: Double? { counted > 0 ? mean : nil }
}
