/// What each process sends to others in a step, foretold from an engine's shape.
package struct StepTraffic: Sendable, Equatable {
  /// Bytes of parameters of the student and of the teacher that are gathered.
  package var gathered = 0.0
  /// Bytes of gradients that are reduced; with NO_SHARD also of their sums, which are gathered.
  package var reduced = 0.0
  /// Bytes of the sums of Sinkhorn-Knopp, or of the centers.
  package var targets = 0.0
  /// The values of all of these.
  package var values = 0.0

  /// The bytes of all messages.
  package var bytes: Double { gathered + reduced + targets }

  init() {}
}
