import History
import Recipe
import Run
import Schedule
import Store
import Support
import Trainer
import Weights

/// A new run that begins with the state of another: that state, and the recipe of the new run.
struct Branch {
  let recipe: Recipe
  let parent: RunDirectory
  private let checkpoint: Checkpoint

  /// Finds the state and checks the recipe. Writes nothing. `at` is `nil` for the newest
  /// checkpoint.
  init(of parent: RunDirectory, at step: Int?, overrides: [String]) throws {
    guard parent.exists else { throw RunError.unknown(name: parent.name, path: parent.path) }
    self.parent = parent
    let before = try Recipe.read(file: parent.recipe)
    recipe = try before.applying(overrides)
    let changed = recipe.keysThatDiffer(from: before)
      .filter { RecipeKey.named($0)?.decidesState == true }
    // Of a teacher of features, the means are a part of the state.
    let keepsTeacher =
      recipe.objective.kind == .features
      ? recipe.distillation.teacher == before.distillation.teacher
        && recipe.distillation.teacherArch == before.distillation.teacherArch
      : recipe.isDistilled == before.isDistilled
    let kind = keepsTeacher ? [] : ["distillation.teacher"]
    guard changed.isEmpty, kind.isEmpty else {
      throw RunError.anotherState(name: parent.name, keys: changed + kind)
    }
    let notices: [String]
    (checkpoint, notices) = try (step.map { RunCheckpoint.step($0) } ?? .last).find(in: parent)
    for notice in notices { tell(notice) }
    let steps = try SchedulePlan(recipe, journal: checkpoint.journal).totalSteps
    guard checkpoint.step <= steps else {
      throw RunError.file(
        "step \(checkpoint.step) of '\(parent.name)' is beyond the branch's end at \(steps); "
          + "raise optim.epochs, or choose an earlier checkpoint with --at")
    }
  }

  /// Returns the evaluations that hold for the branch, too: the baselines, and the last of each
  /// name up to the branch's state.
  private func evaluations() throws -> [ProbeResult] {
    // A run that has lost its database can still be branched.
    guard try FileSystem.status(parent.database) != nil else { return [] }
    let all = try HistoryReader(directory: parent).evaluations()
    var found: [String: ProbeResult] = [:]
    for evaluation in all where evaluation.step <= checkpoint.step {
      found[evaluation.name] = evaluation
    }
    let last = found.values.filter { $0.step > 0 }.sorted { $0.name < $1.name }
    guard var baselines = all.first, baselines.step == 0 else { return last }
    if !last.isEmpty {
      baselines.values = baselines.values.filter { Metric.baselines.contains($0.key) }
    }
    return [baselines] + last
  }

  /// Creates the run's folder as if the run had trained up to that state itself. Does not change
  /// the parent.
  func create(_ directory: RunDirectory) throws {
    // A branch whose creation was interrupted has nothing to lose.
    guard try !directory.exists || directory.isUnfinishedBranch() else {
      throw RunError.file("run '\(directory.name)' already exists; choose another --name")
    }
    try directory.write(RunOrigin(run: parent.name, step: checkpoint.step, kind: RunOrigin.branch))
    try WholeFile.write(recipe.yaml(), to: directory.recipe)
    let history = try HistoryWriter(directory: directory)
    for evaluation in try evaluations() { try history.append(evaluation) }
    try history.close()
    try FrozenTeacher.adopt(from: parent, into: directory)
    // Last, because a run with a checkpoint can be resumed.
    try CheckpointStore(directory: directory.checkpoints).adopt(checkpoint)
  }
}
