import History
import Run

/// A run that cannot go on.
package enum TrainerError: Error, CustomStringConvertible {
  case notSaved(step: Int, last: Int)
  case phase(String)
  case unwritten
  /// A branch without a checkpoint, which must not begin from nothing.
  case noState(RunDirectory, RunOrigin, damaged: [String])

  package var description: String {
    switch self {
    case .notSaved(let step, let last):
      "stopped at step \(step), but its checkpoint could not be written; step \(last) is the last "
        + "that is saved; make room and start the run again"
    case .phase(let reason): reason
    case .unwritten: "the journal could not be written; the log says why"
    case .noState(let run, let origin, let damaged):
      (damaged + [
        "\(run.name) is a branch of \(origin.run) and has no checkpoint to go on from; "
          + (damaged.isEmpty ? "" : "remove \(run.path) and ")
          + "begin it again: dino branch \(origin.run) --at \(origin.step) --name \(run.name)"
      ]).joined(separator: "; ")
    }
  }
}
