import History
import Run
import Schedule
import Store
import Support

extension Trainer {
  /// Carries out a request to compute the steps after a checkpoint again.
  func rewind(_ wanted: Rewind, _ request: ChangeRequest) throws(PhaseRefusal) {
    let planned = try self.planned(wanted)
    var request = request
    request.change = .rewind(Rewind(to: planned.checkpoint.step, set: planned.asked))
    let dropped = step - planned.checkpoint.step
    // On the disk before anything changes: from here on, a restart goes back, too.
    let entry = JournalEntry(
      id: request.id, time: Clock.wall(), step: planned.checkpoint.step + 1, client: request.client,
      change: request.change, effect: planned.set.map { .from($0.change.old) })
    do {
      try recorder.commit(entry)
    } catch {
      throw PhaseRefusal("it could not be written to the journal, so nothing changed: \(error)")
    }
    journal.append(entry)
    do {
      try rewind(to: planned.checkpoint)
    } catch {
      // The journal says that the run went back. Only a restart can make that true.
      runtime = nil
      throw PhaseRefusal("\(error)")
    }
    let then = planned.asked.map { "; \($0.metric.rawValue) goes to \($0.target)" } ?? ""
    note(
      "rewind",
      "back to step \(step), dropping \(Format.count(dropped, "step"))\(then) (\(request.client))",
      .warning)
    // The run may have paused itself because it needed this change. A pause by a client stays.
    if pausedItself { continueRun() }
    answerApplied(entry)
  }

  /// The checkpoint to which a rewind goes, and the change of a schedule that comes with it.
  struct PlannedRewind {
    let checkpoint: Checkpoint
    let set: PlannedSet?
    /// What the change is, as the journal has it.
    var asked: SetSchedule?
  }

  /// Returns a change whose factor is one on what a step had, as one on the recipe's schedule. What
  /// earlier rewinds changed does not count, since the step is computed instead of theirs.
  private func resolved(_ set: SetSchedule, at step: Int) -> SetSchedule {
    guard let factor = set.factor else { return set }
    let asked = Journal(journal.entries.filter { !$0.isRewind })
    let plan = (try? SchedulePlan(wholeRecipe, journal: asked)) ?? self.plan
    var set = set
    let felt = plan.adjustment(set.metric, at: step)
    set.value = felt?.new.map { $0 * factor }
    set.factor = set.value == nil ? factor * (felt?.factor ?? 1) : nil
    return set
  }

  /// Returns what a rewind would do. Throws if it cannot be made.
  func planned(_ wanted: Rewind) throws(PhaseRefusal) -> PlannedRewind {
    let checkpoint = try self.checkpoint(for: wanted)
    do {
      try checkpoint.verify()
      let lost = try checkpoints.list().first { $0.step > checkpoint.step && $0.name != nil }
      if let lost, let name = lost.name {
        throw PhaseRefusal(
          "the checkpoint of step \(lost.step), '\(name)', is of the steps that would be dropped; "
            + "branch instead, which keeps them: dino branch \(status.name) --at \(checkpoint.step) "
            + "--name NEW")
      }
    } catch let error as PhaseRefusal {
      throw error
    } catch {
      throw PhaseRefusal("\(error)")
    }
    guard let wanted = wanted.set else { return PlannedRewind(checkpoint: checkpoint, set: nil) }
    let set = resolved(wanted, at: checkpoint.step + 1)
    switch planned(set, after: checkpoint.step) {
    case .success(let change):
      return PlannedRewind(checkpoint: checkpoint, set: change, asked: set)
    case .failure(let refusal): throw PhaseRefusal(refusal.description)
    }
  }

  /// Returns the checkpoint of the present phase that a rewind is about.
  private func checkpoint(for wanted: Rewind) throws(PhaseRefusal) -> Checkpoint {
    let first = runtime.phase.first - 1
    let all: [Checkpoint]
    do {
      all = try checkpoints.list().filter { $0.step >= first && $0.step < step }
    } catch {
      throw PhaseRefusal("\(error)")
    }
    if let wanted = wanted.to {
      if let found = all.first(where: { $0.step == wanted }) { return found }
      let steps = all.map { "\($0.step)" }.joined(separator: ", ")
      throw PhaseRefusal(
        "there is no checkpoint of step \(wanted) to go back to; "
          + (steps.isEmpty ? "the present phase has none" : "the present phase has \(steps)"))
    }
    let good = all.filter { $0.isSound && $0.step < troubled ?? step }
    guard let newest = good.last else {
      throw PhaseRefusal("the present phase has no checkpoint that is known to be good")
    }
    // If the run went back to it already, what went wrong then may be in it.
    let before = journal.inForce.last(where: \.isRewind)
    return before?.step == newest.step + 1 ? good.dropLast().last ?? newest : newest
  }

  /// Goes back to a checkpoint, as the journal says, in the checkpoints, the history and the memory.
  /// The order is such that a kill at any moment leads to the same result.
  func rewind(to checkpoint: Checkpoint) throws {
    try checkpoints.remove(checkpoints.list().map(\.step).filter { $0 > checkpoint.step })
    recorder.rewind(to: checkpoint.step, journal: journal)
    probeResults.removeAll { $0.step > checkpoint.step }
    learned = .unknown
    (unsoundSteps, troubled, divergence) = (0, nil, Divergence())
    plan = try SchedulePlan(wholeRecipe, journal: journal)
    settle(try restore(checkpoint, for: plan.phases.phase(at: max(checkpoint.step, 1))))
  }
}
