import History
import Run

/// A reason for which a run cannot continue.
package enum TrainerError: Error, CustomStringConvertible {
  /// A stopped run whose last checkpoint could not be written; `last` is the last saved step.
  case notSaved(step: Int, last: Int)
  /// A phase that could not be built, nor the one before it; the reason.
  case phase(String)
  /// A journal entry that could not be written.
  case unwritten
  /// A branch without a checkpoint, which must not begin at step 0.
  case noState(RunDirectory, RunOrigin, damaged: [String])

  package var description: String {
    switch self {
    case .notSaved(let step, let last):
      "stopped at step \(step), but its checkpoint could not be written; the last saved step "
        + "is \(last); free disk space and start the run again"
    case .phase(let reason): reason
    case .unwritten: "the journal could not be written; see the log"
    case .noState(let run, let origin, let damaged):
      (damaged + [
        "\(run.name) is a branch of \(origin.run) and has no checkpoint to resume from; "
          + (damaged.isEmpty ? "" : "remove \(run.path) and ")
          + "start it again: dino branch \(origin.run) --at \(origin.step) --name \(run.name)"
      ]).joined(separator: "; ")
    }
  }
}
