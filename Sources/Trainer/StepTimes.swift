#if canImport(Glibc)
  import Glibc
#endif

/// Seconds that the parts of a step took.
package struct StepTimes: Sendable, Equatable {
  /// Waiting for crops.
  package var data = 0.0
  package var teacher = 0.0
  /// The student's forward pass, losses and heads' gradients.
  package var student = 0.0
  package var backward = 0.0
  package var optimiser = 0.0

  package init() {}
}

/// Seconds that only ever go forward.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds since 1970.
package func wallClockSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Measures the parts of a step one after the other.
struct StepClock {
  private(set) var times = StepTimes()
  private var last = monotonicSeconds()

  /// What has passed since the last lap belongs to `part`.
  mutating func lap(_ part: WritableKeyPath<StepTimes, Double>) {
    let now = monotonicSeconds()
    times[keyPath: part] += now - last
    last = now
  }
}
