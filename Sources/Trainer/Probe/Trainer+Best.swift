import Run
import Schedule
import Support

/// What a run does with a probe's result: it keeps the best, says whether features get better, and ends
/// early if the recipe says so.
extension Trainer {
  /// Acts on the last result of the run's main probe.
  func judgeProbe() {
    let ranking = ProbeRanking(probeResults, by: recipe.session.checkpointBestBy)
    tellLearning(ranking)
    keepIfBest(ranking)
    stopEarly(ranking)
  }

  /// Notes when a run's features no longer get better, once each time that this begins.
  private func tellLearning(_ ranking: ProbeRanking) {
    let learning = Learning(probeResults, steps: plan.totalSteps)
    defer { learned = learning.verdict }
    guard learning.verdict != learned, learning.isProblem else { return }
    let best = ranking.steps.first { checkpointSteps.contains($0) }
    updateProgress()
    let remedies =
      learning.verdict == .worse
      ? [
        best.map { "the checkpoint of step \(Format.count($0)) is the best, and export takes it" },
        learning.remedy(status.phase, step: step),
      ] : []
    note(
      "probe", ([learning.reason] + remedies.compactMap(\.self)).joined(separator: "; "), .warning)
  }

  private var checkpointSteps: Set<Int> {
    Set(((try? checkpoints.list()) ?? []).map(\.step))
  }

  /// Writes a checkpoint of features that are the best so far, unless one is due anyway.
  private func keepIfBest(_ ranking: ProbeRanking) {
    let session = recipe.session
    guard session.checkpointKeepBest > 0, ranking.steps.first == step, unsoundSteps == 0,
      step % session.checkpointEvery != 0, step < plan.totalSteps
    else { return }
    checkpoint()
  }

  /// Ends the run if so many probes as the recipe says found nothing better.
  private func stopEarly(_ ranking: ProbeRanking) {
    let patience = recipe.session.earlyStopPatience
    // In the first fifth, scores without labels may be high because the network is untrained.
    guard patience > 0, ranking.probesSinceBest >= patience, step < plan.totalSteps,
      step * 5 >= plan.totalSteps,
      let best = ranking.steps.first
    else { return }
    note(
      "stop",
      "ends early: \(Format.count(ranking.probesSinceBest, "probe")) found nothing better by "
        + "\(ranking.criterion.rawValue) than step \(Format.count(best)); "
        + "--set session.early_stop_patience=0 goes on")
    endsEarly = true
  }
}
