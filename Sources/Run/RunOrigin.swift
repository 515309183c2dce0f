/// The checkpoint of another run from which a run began.
package struct RunOrigin: Codable, Sendable, Equatable {
  /// The other run's name.
  package var run: String
  /// The step of the checkpoint.
  @Count package var step: Int
  /// How the run uses that checkpoint: `branch` continues from its whole state; `distillation`
  /// trains students from its frozen teacher; `replay` computes the other run again from step 0.
  package var kind: String

  /// The values of `kind`.
  package static let branch = "branch"
  package static let distillation = "distillation"
  package static let replay = "replay"

  package init(run: String, step: Int, kind: String) {
    self.run = run
    self.step = step
    self.kind = kind
  }
}
