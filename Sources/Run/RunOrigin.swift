/// The state of another run that a run began from.
package struct RunOrigin: Codable, Sendable, Equatable {
  /// The other run's name.
  package var run: String
  /// The step of the checkpoint.
  package var step: Int
  /// `branch`: it went on with all of it; `distillation`: its students learn from the teacher, frozen.
  package var kind: String

  package static let branch = "branch"
  package static let distillation = "distillation"

  package init(run: String, step: Int, kind: String) {
    self.run = run
    self.step = step
    self.kind = kind
  }
}
