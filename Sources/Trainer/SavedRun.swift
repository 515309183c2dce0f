import History
import Run
import Store
import Support

/// The state of a run that earlier daemons saved.
struct SavedRun {
  /// The newest intact checkpoint.
  let latest: Checkpoint?
  /// The newer ones that are damaged.
  private let damaged: [(step: Int, reason: String)]
  /// The step of the newest checkpoint that was ever written; `nil` if none was.
  private let lastWritten: Int?
  /// All changes that were made, including those after the checkpoint: the steps that are computed
  /// again apply them again.
  let journal: Journal
  /// Whether the run was recorded as finished.
  let isFinished: Bool
  /// The last recorded step of a daemon that ended without a word; `nil` if it recorded its end.
  private let interruptedAt: Int?
  /// The accuracies of raw pixels, the untrained network and a distillation's teacher; empty if
  /// they were not measured on the images as they are.
  let baselines: [Metric: Double]
  /// The results of the run's main probe on the images as they are.
  let probeResults: [ProbeResult]

  /// Reads the run's checkpoints and its database, and removes what interrupted writes left.
  ///
  /// Throws, and changes nothing, if the run has made steps and no checkpoint of it can be used,
  /// or if the newest one cannot be read for another reason than damage. What cannot be read is
  /// not absent: to begin at step 0 then would cost the run.
  ///
  /// - Parameter images: the fingerprint of the run's images.
  init(_ directory: RunDirectory, _ checkpoints: CheckpointStore, images: String?) throws {
    let hadFolder = try FileSystem.status(checkpoints.directory) != nil
    let past = try HistoryReader(directory: directory)
    let (steps, written) = (try past.lastStep(), try past.lastCheckpoint())
    lastWritten = written
    guard hadFolder || (steps == 0 && written == nil) else {
      throw TrainerError.lostState(
        directory, steps: steps, reasons: ["\(checkpoints.directory) does not exist"])
    }
    try checkpoints.recover()
    let commands = try past.journal()
    try Self.removeStale(checkpoints, commands)
    var damaged: [(step: Int, reason: String)] = []
    do throws(FileError) {
      latest = try checkpoints.latestIntact { damaged.append(($0, $1)) }
    } catch {
      throw TrainerError.lostState(
        directory, steps: steps, reasons: [error.description] + damaged.map(\.reason))
    }
    self.damaged = damaged
    if latest == nil {
      if let origin = try directory.branchOrigin() {
        throw TrainerError.noState(directory, origin, damaged: damaged.map(\.reason))
      }
      guard damaged.isEmpty, written == nil else {
        throw TrainerError.lostState(
          directory, steps: steps,
          reasons: damaged.isEmpty
            ? ["the checkpoint of step \(written!) is not in \(checkpoints.directory)"]
            : damaged.map(\.reason))
      }
    }
    journal = try (latest?.journal ?? Journal()).merging(commands)
    let state = (try? past.lastStatus())?.state
    isFinished = state == .finished
    interruptedAt = state?.isAlive == true ? steps : nil
    let results = try past.evaluations().filter { $0.isMeasured(on: images) }
    baselines = results.first?.values.filter { Metric.baselines.contains($0.key) } ?? [:]
    probeResults = results.filter { $0.name == ProbeResult.knn }
  }

  /// What to tell about the end of the daemon before.
  var interruption: [Finding] {
    interruptedAt.map {
      [
        (
          .warning, "start",
          "the daemon before this one ended without a word, because it was killed or the machine "
            + "stopped; the last step that it recorded is \($0)"
        )
      ]
    } ?? []
  }

  /// Sets damaged checkpoints aside, and returns what a person should know about them. Called once
  /// it is certain that the run resumes.
  func setAside(in checkpoints: CheckpointStore) throws -> [String] {
    var notes: [String] = []
    for (step, reason) in damaged {
      notes.append("\(reason); it is kept as \(try checkpoints.setAside(step: step))")
    }
    if let lastWritten, let latest, latest.step < lastWritten, damaged.isEmpty {
      notes.append(
        "the checkpoint of step \(lastWritten) is gone; the steps after \(latest.step) are computed "
          + "again")
    }
    return notes
  }

  /// Removes the checkpoints of steps that a change dropped, which remain if the daemon was killed
  /// between the journal entry and their removal. Their step is later, and their journal lacks the
  /// entry.
  private static func removeStale(
    _ checkpoints: CheckpointStore, _ commands: Journal
  ) throws {
    let backs = commands.entries.filter(\.isRewound)
    guard !backs.isEmpty else { return }
    let stale = try checkpoints.list().filter { checkpoint in
      guard let known = try? checkpoint.journal else { return false }
      return backs.contains { checkpoint.step >= $0.step && known.entry($0.id) == nil }
    }
    try checkpoints.remove(stale.map(\.step))
  }
}
