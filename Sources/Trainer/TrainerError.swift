import History
import Run
import Support

/// A reason for which a run cannot continue.
package enum TrainerError: Error, CustomStringConvertible {
  /// A stopped run whose last checkpoint could not be written; `last` is the last saved step.
  case notSaved(step: Int, last: Int)
  /// A phase that could not be built, nor the one before it; the reason.
  case phase(String)
  /// A run that has made steps and whose state cannot be read, and why.
  case lostState(RunDirectory, steps: Int, reasons: [String])
  /// A run whose images are not those with which it was trained, and what differs.
  case changedImages(RunDirectory, String)
  /// A branch without a checkpoint, which must not begin at step 0.
  case noState(RunDirectory, RunOrigin, damaged: [String])

  package var description: String {
    switch self {
    case .notSaved(let step, let last):
      "stopped at step \(step), but its checkpoint could not be written; the last saved step "
        + "is \(last); free disk space and start the run again"
    case .phase(let reason): reason
    case .changedImages(let run, let changes):
      "\(run.name) was trained with other images: \(changes); bring them back, or go on with the "
        + "images as they are: dino start \(run.name) --accept-data"
    case .lostState(let run, let steps, let reasons):
      "\(run.name) has made \(Format.count(steps, "step")), and its state cannot be read: "
        + reasons.joined(separator: "; ")
        + "; nothing was changed: bring the files back and start it again, or "
        + ((try? run.branchOrigin())?.map {
          "branch it again: dino branch \($0.run) --at \($0.step) --name ANOTHER"
        } ?? "begin it anew from step 0 with --begin-anew, which keeps the old files")
    case .noState(let run, let origin, let damaged):
      (damaged + [
        "\(run.name) is a branch of \(origin.run) and has no checkpoint to resume from; "
          + (damaged.isEmpty ? "" : "remove \(run.path) and ")
          + "start it again: dino branch \(origin.run) --at \(origin.step) --name \(run.name)"
      ]).joined(separator: "; ")
    }
  }
}
