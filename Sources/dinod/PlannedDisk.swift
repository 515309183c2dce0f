import Engine
import Model
import Recipe

/// What a run keeps on the disk, foretold from its recipe.
struct PlannedDisk {
  /// The bytes of a checkpoint: of each student weights, their average and AdamW's two moments, all fp32.
  let checkpointBytes: Int
  /// The most checkpoints that the rules keep, with the one that is being written; without those that are given
  /// a name, or are kept because of later changes.
  let checkpoints: Int

  var totalBytes: Int { checkpointBytes * checkpoints }

  /// - Parameter teacher: that of a distillation.
  init(_ phases: [Phase], teacher: NetworkShape?) {
    checkpointBytes =
      phases.map { phase in
        EngineShape(
          phase.recipe, maskRatioMax: phase.recipe.ibot.maskRatioMax, frozenTeacher: teacher
        ).students.reduce(0) { $0 + 16 * $1.network.layout.count }
      }.max() ?? 0
    let session = phases[0].recipe.session
    let steps = phases.reduce(0) { $0 + $1.steps }
    // Of those that are written, the rules keep some; each phase ends with one, and so does the run.
    let written = steps / max(session.checkpointEvery, 1) + phases.count
    let periodic = session.checkpointKeepEvery > 0 ? steps / session.checkpointKeepEvery : 0
    let kept =
      max(session.checkpointKeep, 1) + session.checkpointKeepBest + periodic + phases.count - 1
    checkpoints = min(written, kept + 1)
  }
}
