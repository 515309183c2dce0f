import History
import Recipe
import Run
import Schedule
import Store
import Support

/// Which of a run's checkpoints is wanted: what stands behind the @ of `RUN@STEP`.
package enum RunCheckpoint: Sendable, Equatable {
  /// The newest.
  case last
  /// The one whose features the probe found best, by `session.checkpoint_best_by`.
  case best
  case step(Int)

  /// Parses `last`, `best` or a step; `nil` if the text is none of these.
  init?(_ text: String) {
    switch text {
    case "last": self = .last
    case "best": self = .best
    default:
      guard let step = Int(text) else { return nil }
      self = .step(step)
    }
  }

  /// Returns the checkpoint, after comparing its checksums, and what a person should know of the choice.
  package func find(in run: RunDirectory) throws(FileError) -> (Checkpoint, notices: [String]) {
    switch self {
    case .last: try Self.newest(of: run)
    case .best: try Self.best(of: run)
    case .step(let step): (try Self.checkpoint(of: run, step), [])
    }
  }

  private static func checkpoint(
    of run: RunDirectory, _ step: Int
  ) throws(FileError) -> Checkpoint {
    let store = CheckpointStore(directory: run.checkpoints)
    let steps = try store.list().map(\.step)
    guard steps.contains(step) else {
      let known = steps.map(String.init).joined(separator: ", ")
      throw FileError(
        file: run.path, what: "has no checkpoint of step \(step)",
        remedy: steps.isEmpty ? "it has none" : "there are those of \(known)")
    }
    let checkpoint = try store.checkpoint(step: step)
    try checkpoint.verify()
    return checkpoint
  }

  private static func newest(
    of run: RunDirectory
  ) throws(FileError) -> (Checkpoint, notices: [String]) {
    var damaged: [String] = []
    let store = CheckpointStore(directory: run.checkpoints)
    guard let latest = try store.latestIntact(onDamaged: { damaged.append($1) }) else {
      throw FileError(
        file: run.path, what: damaged.first ?? "has no checkpoint yet",
        remedy: "write one with: dino checkpoint \(run.name)")
    }
    return (latest, damaged.map { "\($0); using step \(latest.step)" })
  }

  /// Returns the newest if the probe has measured none of the run's checkpoints.
  private static func best(
    of run: RunDirectory
  ) throws(FileError) -> (Checkpoint, notices: [String]) {
    let (newest, notices) = try newest(of: run)
    let store = CheckpointStore(directory: run.checkpoints)
    let steps = Set(try store.list().map(\.step))
    guard let ranking = ranking(of: run) else { return (newest, notices) }
    for step in ranking.steps where steps.contains(step) {
      guard step != newest.step else { break }
      guard let checkpoint = try? store.checkpoint(step: step), (try? checkpoint.verify()) != nil
      else { continue }
      return (
        checkpoint,
        notices + [
          "step \(Format.count(step)) is the best of \(run.name) by \(ranking.criterion.rawValue); the newest, "
            + "step \(Format.count(newest.step)), is \(run.name)@last"
        ]
      )
    }
    return (newest, notices)
  }

  /// Returns how the probe ranks the run's steps; `nil` if nothing is known of it.
  private static func ranking(of run: RunDirectory) -> ProbeRanking? {
    guard let recipe = try? Recipe.read(file: run.recipe),
      let results = try? HistoryReader(directory: run).evaluations()
    else { return nil }
    let images = results.last?.data
    return ProbeRanking(
      results.filter { $0.isMeasured(on: images) }, by: recipe.session.checkpointBestBy)
  }
}
