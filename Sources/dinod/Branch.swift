import History
import Metrics
import Recipe
import Store
import Trainer

/// A run that is to begin with the state of another: which state, and the recipe it goes on with.
struct Branch {
  let recipe: Recipe
  let parent: RunDirectory
  private let checkpoint: Checkpoint

  /// Finds the state and judges the recipe; nothing is written. `at` nil: the newest checkpoint.
  init(of parent: RunDirectory, at step: Int?, overrides: [String]) throws {
    guard parent.exists else { throw RunError.unknown(name: parent.name, path: parent.path) }
    self.parent = parent
    let before = try Recipe.read(file: parent.recipe)
    recipe = try before.applying(overrides)
    let changed = recipe.keysThatDiffer(from: before)
      .filter { RecipeKey.named($0)?.decidesState == true }
    let kind = recipe.isDistilled == before.isDistilled ? [] : ["distillation.teacher"]
    guard changed.isEmpty, kind.isEmpty else {
      throw RunError.anotherState(name: parent.name, keys: changed + kind)
    }
    checkpoint = try Self.checkpoint(of: parent, at: step)
  }

  private static func checkpoint(of run: RunDirectory, at step: Int?) throws -> Checkpoint {
    let store = CheckpointStore(directory: run.checkpoints)
    let steps = try store.list().map(\.step)
    guard let chosen = step ?? steps.last else {
      throw RunError.file(
        "\(run.name) has no checkpoint yet; dino checkpoint \(run.name) writes one")
    }
    guard steps.contains(chosen) else {
      let there = steps.map(String.init).joined(separator: ", ")
      throw RunError.file(
        "\(run.name) has no checkpoint of step \(chosen); "
          + (there.isEmpty ? "it has none" : "it has those of \(there)"))
    }
    let checkpoint = try store.checkpoint(step: chosen)
    try checkpoint.verify()
    return checkpoint
  }

  /// Makes the run's folder as if it had come to that state by itself. The parent is not touched.
  func create(_ directory: RunDirectory) throws {
    // One that was cut off while it was made has nothing to lose.
    guard !directory.exists || directory.isUnfinishedBranch else {
      throw RunError.file("there is a run '\(directory.name)' already; choose another --name")
    }
    try directory.keep(RunOrigin(run: parent.name, step: checkpoint.step, kind: RunOrigin.branch))
    try writeWhole(recipe.yaml(), to: directory.recipe)
    // What was measured before anything was learned holds for the branch, too.
    let history = try HistoryWriter(directory: directory)
    if let reader = try? HistoryReader(directory: parent),
      let baselines = try? reader.evaluations().first, baselines.step == 0
    {
      try history.append(baselines)
    }
    try history.close()
    try FrozenTeacher.adopt(from: parent, into: directory)
    // Last: with it the run is one that can be taken up.
    try CheckpointStore(directory: directory.checkpoints).adopt(checkpoint)
  }
}
