import Run
import Support

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

  /// The seconds of the whole step.
  package var total: Double { data + teacher + student + backward + optimiser }
}

/// Measures the parts of a step one after the other.
struct StepClock {
  private(set) var times = StepTimes()
  private var last = Clock.monotonic()

  /// What has passed since the last lap belongs to no part.
  mutating func skip() { last = Clock.monotonic() }

  /// What has passed since the last lap belongs to `part`.
  mutating func lap(_ part: WritableKeyPath<StepTimes, Double>) {
    let now = Clock.monotonic()
    times[keyPath: part] += now - last
    last = now
  }
}
