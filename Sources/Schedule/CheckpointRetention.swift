import Recipe
import Run

/// The rules by which a run keeps checkpoints and removes others.
///
/// They never make things worse: what was just saved or resumed from is kept, and a checkpoint that
/// is not known to be sound takes no sound one's place. This is a pure function of facts that the
/// run's folder has, so the daemon decides by it and a list of checkpoints explains by it.
package struct CheckpointRetention: Sendable, Equatable {
  /// Why a checkpoint is kept.
  package enum Reason: String, Sendable, Codable, CaseIterable {
    /// Someone gave it a name.
    case named
    /// It was saved or resumed from last.
    case current
    /// It is one of the newest sound ones.
    case newest
    /// Its step is a multiple of `session.checkpoint_keep_every`.
    case every
    /// The probe found no better features at another checkpoint.
    case best
    /// A phase begins after it, so `back` needs it.
    case phase
    /// A schedule was changed after it, and the run has not been healthy for long since.
    case change
  }

  /// What the rules need to know of a checkpoint.
  package struct Facts: Sendable, Equatable {
    package let step: Int
    package let isNamed: Bool
    package let isSound: Bool

    package init(step: Int, isNamed: Bool, isSound: Bool) {
      self.step = step
      self.isNamed = isNamed
      self.isSound = isSound
    }
  }

  /// The recipe's numbers: `session.checkpoint_keep`, `checkpoint_keep_every` and
  /// `checkpoint_keep_best`.
  package let keep: Int
  package let every: Int
  package let best: Int
  /// What the probe's best is, `session.checkpoint_best_by`.
  package let bestBy: Recipe.BestBy
  /// How many steps a run must have been healthy after a change before the checkpoint from before
  /// it may go.
  package let trial: Int

  /// The rules of a recipe.
  package init(_ session: Recipe.Session) {
    keep = session.checkpointKeep
    every = session.checkpointKeepEvery
    best = session.checkpointKeepBest
    bestBy = session.checkpointBestBy
    trial = max(200, session.checkpointEvery)
  }

  /// Returns the reasons to keep each checkpoint, by step. One that is not there may be removed.
  ///
  /// - Parameters:
  ///   - current: the step that was saved or resumed from last.
  ///   - step: the run's present step.
  ///   - troubled: the last step at which the run was not healthy; `nil` if it always was.
  ///   - probes: results of the run's main probe.
  package func reasons(
    _ checkpoints: [Facts], current: Int, step: Int, troubled: Int?, journal: [JournalEntry],
    probes: [ProbeResult]
  ) -> [Int: [Reason]] {
    let steps = checkpoints.map(\.step).sorted()
    let sound = checkpoints.filter { $0.isSound && $0.step <= current }.map(\.step).sorted()
    let kept: [Reason: Set<Int>] = [
      .named: Set(checkpoints.filter(\.isNamed).map(\.step)),
      .current: [current],
      .newest: Set(sound.suffix(max(keep, 1))),
      .every: every > 0 ? Set(sound.filter { $0 > 0 && $0 % every == 0 }) : [],
      .best: bestSteps(Set(sound), probes),
      .phase: Set(journal.filter(\.beginsPhase).map { $0.step - 1 }),
      .change: Set(
        journal.filter { entry in
          if case .set = entry.change { isOnTrial(entry, step, troubled) } else { false }
        }.compactMap { entry in sound.last { $0 < entry.step } }),
    ]
    var reasons: [Int: [Reason]] = [:]
    for step in steps {
      let found = Reason.allCases.filter { kept[$0]?.contains(step) == true }
      if !found.isEmpty { reasons[step] = found }
    }
    return reasons
  }

  /// Whether too few healthy steps have passed since a change.
  private func isOnTrial(_ entry: JournalEntry, _ step: Int, _ troubled: Int?) -> Bool {
    step < max(entry.step, troubled ?? 0) + trial
  }

  /// The steps whose features the probe found best.
  private func bestSteps(_ steps: Set<Int>, _ probes: [ProbeResult]) -> Set<Int> {
    Set(ProbeRanking(probes, by: bestBy).steps.filter(steps.contains).prefix(max(best, 0)))
  }
}
