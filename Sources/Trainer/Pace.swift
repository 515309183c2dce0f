/// How fast a run goes.
struct Pace {
  private var last: Double?
  /// Seconds of the last step, waiting and reporting included.
  private(set) var stepSeconds: Double?
  private var mean: Double?

  /// A step has ended.
  mutating func count(_ now: Double) {
    if let last {
      stepSeconds = now - last
      // A mean over some fifty steps: quick to settle, slow to be fooled.
      mean = mean.map { $0 + (now - last - $0) * 0.02 } ?? now - last
    }
    last = now
  }

  /// What came until now is no part of any step.
  mutating func restart(_ now: Double) { last = now }

  /// Seconds until `steps` more are done.
  func timeLeft(steps: Int) -> Double? { mean.map { $0 * Double(steps) } }
}
