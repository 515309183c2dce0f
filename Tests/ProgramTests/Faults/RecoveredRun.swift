import Foundation
import History
import Run
import Store

/// What a daemon finds when it starts, and whether it can go on.
struct RecoveredRun {
  private(set) var journal: [JournalEntry] = []
  private(set) var lastStep = 0
  /// The newest checkpoint of which the database knows.
  private(set) var lastCheckpoint: Int?
  /// The newest intact checkpoint, and all.
  private(set) var latest: Checkpoint?
  private(set) var checkpoints: [Checkpoint] = []
  /// What is wrong, whatever was promised: one line each.
  private(set) var problems: [String] = []

  /// Starts as a daemon does on the run `run` in `parent`, makes a change, and ends.
  init(parent: String) {
    do {
      try start(RunDirectory(name: "run", parent: parent))
    } catch {
      problems.append("it cannot start: \(error)")
    }
  }

  private mutating func start(_ directory: RunDirectory) throws {
    let lock = try RunLock(directory: directory)
    defer { withExtendedLifetime(lock) {} }
    let history = try HistoryWriter(directory: directory)
    let reader = try HistoryReader(directory: directory)
    (lastStep, lastCheckpoint) = (try reader.lastStep(), try reader.lastCheckpoint())
    let store = CheckpointStore(directory: directory.checkpoints)
    try store.recover()
    journal = try reader.journal().entries
    var problems: [String] = []
    latest = try store.latestIntact { problems.append("step \($0) is damaged: \($1)") }
    checkpoints = try store.list()
    for name in try FileManager.default.contentsOfDirectory(atPath: store.directory) {
      if !checkpoints.contains(where: { $0.path == store.directory + "/" + name }) {
        problems.append("\(name) is left over")
      }
    }
    for checkpoint in checkpoints {
      let names = try FileManager.default.contentsOfDirectory(atPath: checkpoint.path).sorted()
      if names != (checkpoint.manifest.files.map(\.name) + ["manifest.json"]).sorted() {
        problems.append("step \(checkpoint.step) has the files \(names)")
      }
    }
    let entry = JournalEntry(id: "after", time: 9, step: 1, client: "test", change: .pause)
    try history.commit(entry)
    if try reader.journal().entries != journal + [entry] {
      problems.append("a change after the restart is not in the journal")
    }
    self.problems += problems
  }
}
