import Run

extension Trainer {
  /// Makes sure that all processes hold the same state, before it is saved. Returns false if they do not;
  /// the run ends then.
  func isStateShared() -> Bool {
    guard !team.isAlone, mismatch == nil else { return mismatch == nil }
    team.send(.compare)
    do {
      try StateMismatch.check(team.collect(engine.replicaChecksums()), of: team.processes)
    } catch {
      return accept(error)
    }
    return true
  }

  /// Takes in that processes hold different states. With programs or processors that may differ, process 0
  /// gives its state to all, and the run goes on. Returns whether it does.
  func accept(_ found: StateMismatch) -> Bool {
    guard team.mayDiffer else {
      mismatch = found
      note("process", "\(found)", .error)
      return false
    }
    if !isRoundingNoted {
      note(
        "process",
        "the processes round differently (\(found.parts.joined(separator: ", "))); process 0 gives its state to all, now and whenever that happens again",
        .warning)
    }
    isRoundingNoted = true
    runtime.shareState()
    return true
  }
}
