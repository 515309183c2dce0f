/// How fast a run goes.
struct Pace {
  private var last: Double?
  /// Seconds of the last step, waiting and reporting included.
  private(set) var stepSeconds: Double?
  private var mean = 0.0
  /// Steps that the mean has seen; the first one of all warms up and is none of them.
  private var counted = -1

  /// A step has ended.
  mutating func count(_ now: Double) {
    if let last {
      let seconds = now - last
      stepSeconds = seconds
      counted += 1
      // The plain mean at first, then one over some fifty steps: quick to settle, slow to be fooled.
      if counted > 0 { mean += (seconds - mean) * max(1 / Double(counted), 0.02) }
    }
    last = now
  }

  /// What came until now is no part of any step.
  mutating func restart(_ now: Double) { last = now }

  /// Seconds until `steps` more are done; nil before two steps are.
  func timeLeft(steps: Double) -> Double? { stepMean.map { $0 * steps } }

  /// Seconds that a step takes on the average; nil before two are done.
  var stepMean: Double? { counted > 0 ? mean : nil }
}
