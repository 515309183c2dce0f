import History
import Run
import Schedule
import Store
import Support

extension Trainer {
  /// Carries out a request to compute the steps after a checkpoint again.
  func rewind(_ wanted: Rewind, _ request: ChangeRequest) throws(PhaseRefusal) {
    let planned = try self.planned(wanted, by: request.client)
    let warning = planned.set.flatMap { self.warning(of: $0) }
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
      try rewind(to: planned.checkpoint, of: .following)
    } catch {
      // The journal says that the run went back. Only a restart can make that true.
      runtime = nil
      throw PhaseRefusal("\(error)")
    }
    let then = planned.asked.map { "; \($0.metric.rawValue) goes to \($0.target)" } ?? ""
    note(
      "rewind",
      "back to step \(step), dropping \(Format.count(dropped, "step"))\(then)"
        + "\(warning.map { "; \($0)" } ?? "") (\(request.client))",
      .warning)
    // The run may have paused itself because it needed this change. A pause by a client stays.
    if pausedItself { continueRun() }
    answerApplied(entry, note: warning)
  }

  /// The checkpoint to which a rewind goes, and the change of a schedule that comes with it.
  struct PlannedRewind {
    let checkpoint: Checkpoint
    let set: PlannedSet?
    /// What the change is, as the journal has it.
    var asked: SetSchedule?
  }

  /// Returns a change whose factor is one on what a step had, as one on the recipe's schedule.
  ///
  /// The guard's factor is smaller each time, so its own earlier rewinds do not count. It never goes above
  /// the lowest that people had set in the steps that are dropped.
  private func resolved(_ set: SetSchedule, at first: Int, isGuard: Bool) -> SetSchedule {
    guard let factor = set.factor else { return set }
    var plan = plan
    var felt = [plan.adjustment(set.metric, at: first)]
    if isGuard {
      let people = Journal(
        journal.entries.filter { !($0.isRewind && $0.client == JournalEntry.guardClient) })
      plan = (try? SchedulePlan(wholeRecipe, journal: people)) ?? plan
      felt = [plan.adjustment(set.metric, at: first)]
      felt += plan.adjustments.filter {
        $0.metric == set.metric && (first...max(step, first)).contains($0.step)
      }
    }
    let planned = plan.planned(set.metric, at: max(step, first))
    func target(_ change: Adjustment?) -> Double {
      change.map { $0.new ?? $0.factor * planned } ?? planned
    }
    let lowest = felt.min { target($0) < target($1) } ?? nil
    var set = set
    set.value = lowest?.new.map { $0 * factor }
    set.factor = set.value == nil ? factor * (lowest?.factor ?? 1) : nil
    return set
  }

  /// Returns what a rewind would do. Throws if it cannot be made.
  func planned(_ wanted: Rewind, by client: String) throws(PhaseRefusal) -> PlannedRewind {
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
    let isGuard = client == JournalEntry.guardClient
    let set = resolved(wanted, at: checkpoint.step + 1, isGuard: isGuard)
    switch (planned([set], after: checkpoint.step), planned([wanted], after: checkpoint.step)) {
    case (.success(let changes), _):
      return PlannedRewind(checkpoint: checkpoint, set: changes[0], asked: set)
    // A part of a value that somebody forced may be too much still; one of the recipe's schedule is not.
    case (.failure, .success(let changes)) where isGuard:
      return PlannedRewind(checkpoint: checkpoint, set: changes[0], asked: wanted)
    case (.failure(let refusal), _): throw PhaseRefusal(refusal.description)
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
    let good = all.filter(\.isSound)
    guard let newest = good.last else {
      throw PhaseRefusal("the present phase has no checkpoint that is known to be good")
    }
    // If the run went back to it already, what went wrong then may be in it.
    let before = journal.inForce.last(where: \.isRewind)
    return before?.step == newest.step + 1 ? good.dropLast().last ?? newest : newest
  }

  /// Goes back to a checkpoint, as the journal says, in the checkpoints, the history and the memory.
  /// The order is such that a kill at any moment leads to the same result.
  ///
  /// - Parameter end: Which phase is built at a boundary: the one that ends there, or the one after it.
  func rewind(to checkpoint: Checkpoint, of end: BoundaryPhase = .ending) throws {
    try checkpoints.remove(checkpoints.list().map(\.step).filter { $0 > checkpoint.step })
    recorder.rewind(to: checkpoint.step, journal: journal)
    probeResults.removeAll { $0.step > checkpoint.step }
    learned = .unknown
    (unsoundSteps, troubled, divergence) = (0, nil, Divergence())
    plan = try SchedulePlan(wholeRecipe, journal: journal)
    let step = end == .following ? checkpoint.step + 1 : max(checkpoint.step, 1)
    settle(try restore(checkpoint, for: plan.phases.phase(at: step)))
  }

  /// A phase at the checkpoint between two.
  enum BoundaryPhase { case ending, following }
}
