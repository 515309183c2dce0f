import Engine
import Recipe
import Schedule

/// What a run keeps on the disk, foretold from its recipe.
struct PlannedDisk {
  /// The bytes of a checkpoint: of each student weights, their average and AdamW's two moments, all fp32.
  let checkpointBytes: Int
  /// The most checkpoints that the rules keep, with the one that is being written; without those that are given
  /// a name, or are kept because of later changes.
  let checkpoints: Int

  var totalBytes: Int { checkpointBytes * checkpoints }

  init(_ recipe: Recipe, phases: [Phase]) {
    let shape = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
    checkpointBytes = shape.students.reduce(0) { $0 + 16 * $1.network.layout.count }
    let session = recipe.session
    let steps = phases.reduce(0) { $0 + $1.steps }
    let periodic = session.checkpointKeepEvery > 0 ? steps / session.checkpointKeepEvery : 0
    checkpoints =
      max(session.checkpointKeep, 1) + session.checkpointKeepBest + periodic + phases.count - 1 + 1
  }
}
