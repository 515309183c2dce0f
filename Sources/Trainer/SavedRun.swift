import History
import Run
import Store

/// What earlier daemons left of a run.
struct SavedRun {
  /// The newest checkpoint that is whole, and what is wrong with newer ones.
  let latest: Checkpoint?
  let damaged: [String]
  /// Every command that was carried out, those after the checkpoint included: the steps that are
  /// done again meet them again.
  let journal: Journal
  /// Whether the run has ended at its last step and said so.
  let isFinished: Bool
  /// What raw pixels and the untrained network gave, where that was measured.
  let baselines: [Metric: Double]

  /// Reads the run's checkpoints and its database, and clears what killed writes left.
  init(_ directory: RunDirectory, _ checkpoints: CheckpointStore) throws {
    try checkpoints.recover()
    let past = try HistoryReader(directory: directory)
    let commands = try past.journal()
    try Self.removeStale(checkpoints, commands)
    var damaged: [String] = []
    latest = try checkpoints.latestIntact { damaged.append($0) }
    self.damaged = damaged
    if latest == nil, let origin = directory.origin, origin.kind == RunOrigin.branch {
      throw TrainerError.noState(directory, origin, damaged: damaged)
    }
    journal = try (latest?.journal ?? Journal()).merging(commands)
    isFinished = (try? past.lastStatus())?.state == .finished
    baselines = (try? past.evaluations())?.first?.values.filter { $0.key != .knnLearned } ?? [:]
  }

  /// Removes checkpoints of a phase that was gone back from, where a kill came between the two: they
  /// are of a later step and know nothing of it.
  private static func removeStale(
    _ checkpoints: CheckpointStore, _ commands: Journal
  ) throws {
    let backs = commands.entries.filter { $0.change == .back }
    guard !backs.isEmpty else { return }
    let stale = try checkpoints.list().filter { checkpoint in
      guard let known = try? checkpoint.journal else { return false }
      return backs.contains { checkpoint.step >= $0.step && known.entry($0.id) == nil }
    }
    try checkpoints.remove(stale.map(\.step))
  }
}
