import History
import Metrics
import Store

/// What earlier daemons left of a run.
struct RunPast {
  /// The newest checkpoint that is whole, and what is wrong with newer ones.
  let latest: Checkpoint?
  let damaged: [String]
  /// Every command that was carried out, those after the checkpoint included: the steps that are
  /// done again meet them again.
  let journal: [JournalEntry]
  /// What raw pixels and the untrained network gave, where that was measured.
  let baselines: [Metric: Double]

  /// Reads the run's checkpoints and its database, and clears what killed writes left.
  init(_ directory: RunDirectory, _ checkpoints: CheckpointStore) throws {
    try checkpoints.recover()
    let past = try HistoryReader(directory: directory)
    var damaged: [String] = []
    latest = try checkpoints.latestIntact { damaged.append($0) }
    self.damaged = damaged
    journal = try (latest?.journal ?? []).merging(past.journal())
    baselines = (try? past.evaluations())?.first?.values.filter { $0.key != .knnLearned } ?? [:]
  }
}
