import History
import Run
import Store

/// The state of a run that earlier daemons saved.
struct SavedRun {
  /// The newest intact checkpoint, and what is wrong with newer ones.
  let latest: Checkpoint?
  let damaged: [String]
  /// All changes that were made, including those after the checkpoint: the steps that are computed
  /// again apply them again.
  let journal: Journal
  /// Whether the run was recorded as finished.
  let isFinished: Bool
  /// The accuracies of raw pixels, the untrained network and a distillation's teacher; empty if
  /// they were not measured.
  let baselines: [Metric: Double]

  /// Reads the run's checkpoints and its database, and removes what interrupted writes left.
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

  /// Removes the checkpoints of a phase that was undone, which remain if the daemon was killed
  /// between the journal entry and their removal. Their step is later, and their journal lacks the
  /// entry.
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
