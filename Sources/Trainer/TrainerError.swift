import Metrics

/// A run that cannot go on.
package enum TrainerError: Error, CustomStringConvertible {
  case notSaved(step: Int, last: Int)
  case phase(String)
  /// A branch without a checkpoint, which must not begin from nothing.
  case noState(run: String, RunOrigin, damaged: [String])

  package var description: String {
    switch self {
    case .notSaved(let step, let last):
      "stopped at step \(step), but its checkpoint could not be written; step \(last) is the last "
        + "that is saved; make room and start the run again"
    case .phase(let reason): reason
    case .noState(let run, let origin, let damaged):
      (damaged + [
        "\(run) is a branch of \(origin.run) and has no checkpoint to go on from; begin it again: "
          + "dino branch \(origin.run) --at \(origin.step) --name \(run)"
      ]).joined(separator: "; ")
    }
  }
}
