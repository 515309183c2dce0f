import Model
import Run
import Schedule
import Store
import Support

/// When the run's state is saved, and which checkpoints are kept.
extension Trainer {
  /// Writes a checkpoint if one is due. There is nothing to save while steps change nothing.
  func checkpointIfDue() -> Bool {
    let isDue = step % recipe.session.checkpointEvery == 0 && unsoundSteps == 0
    guard isDue || step == plan.totalSteps else { return false }
    checkpoint()
    return true
  }

  /// Writes a checkpoint, and gives it a name unless that is `nil`. Returns false if that fails,
  /// which is logged; a later checkpoint tries again.
  @discardableResult
  func checkpoint(name: String? = nil) -> Bool {
    guard lock?.isInPlace ?? true else {
      note("checkpoint", "\(directory.path) was removed, moved or replaced", .error)
      return false
    }
    guard isStateShared() else { return false }
    recorder.flush()
    do {
      try checkpoints.write(step: step, name: name) { [self] (writer) throws(FileError) in
        try engine.write(to: writer)
        try writer.addText("recipe.yaml", recipe.yaml())
        try writer.addText(Checkpoint.journalFile, journal.json)
        try writer.addText(Checkpoint.normsFile, norms.json)
      }
    } catch {
      note("checkpoint", "\(error)", .error)
      return false
    }
    lastCheckpoint = step
    recorder.record(checkpoint: step)
    note("checkpoint", name.map { "step \(step) is saved as \($0)" } ?? "step \(step) is saved")
    prune()
    return true
  }

  /// Takes in what a step showed. The first sound step after a checkpoint shows that the checkpoint
  /// is good, which its manifest records; then older ones may go.
  func watch(_ sample: Sample) {
    let problem = divergence.add(sample)
    if let problem, troubled.map({ step - $0 >= 100 }) ?? true {
      note("health", "\(problem); \(recoveryHint(before: step))", .error)
    }
    guard problem == nil, unsoundSteps == 0 else {
      troubled = step
      return
    }
    if lastCheckpoint > 0, lastCheckpoint == step - 1 { markSound(lastCheckpoint) }
  }

  /// Records that a checkpoint is good, and removes those that are no longer needed.
  func markSound(_ saved: Int) {
    do {
      try checkpoints.markSound(step: saved)
      prune()
    } catch {
      note("checkpoint", "\(error)", .warning)
    }
  }

  /// Removes the checkpoints that no rule keeps.
  private func prune() {
    do {
      let all = try checkpoints.list()
      let facts = all.map {
        CheckpointRetention.Facts(step: $0.step, isNamed: $0.name != nil, isSound: $0.isSound)
      }
      let reasons = CheckpointRetention(recipe.session).reasons(
        facts, current: lastCheckpoint, step: step, troubled: troubled, journal: journal.inForce,
        probes: probeResults)
      try checkpoints.remove(all.map(\.step).filter { reasons[$0] == nil && $0 <= step })
    } catch {
      note("checkpoint", "\(error)", .warning)
    }
  }

  /// Saves the state of a run that is about to fail for another reason than its numbers, so that
  /// no step is lost.
  func saveBeforeFailing() {
    guard runtime != nil, step > lastCheckpoint, unsoundSteps == 0, troubled != step else { return }
    checkpoint()
  }
}
