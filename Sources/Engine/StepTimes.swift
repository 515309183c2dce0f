import Run
import Support

/// The seconds that the parts of a step took on the host. On a backend whose calls return early, most of
/// a step's time is waited for in the optimiser's part.
package struct StepTimes: Sendable, Equatable {
  /// Waiting for crops.
  package var data = 0.0
  package var teacher = 0.0
  /// The student's forward pass, the losses, and the heads' backward pass.
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

  /// Counts the time since the last lap under no part.
  mutating func skip() { last = Clock.monotonic() }

  /// Counts the time since the last lap under `part`.
  mutating func lap(_ part: WritableKeyPath<StepTimes, Double>) {
    let now = Clock.monotonic()
    times[keyPath: part] += now - last
    last = now
  }
}
