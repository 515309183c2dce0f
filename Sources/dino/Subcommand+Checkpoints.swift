import CommandKit
import History
import Run
import Screen
import Store
import Support

extension Subcommand {
  static let checkpoints = Subcommand(
    name: "checkpoints", operands: "[NAME]", count: 0...1,
    summary: "list the checkpoints of a run, and why each is kept; or remove some",
    options: [
      json,
      Option("--remove", "STEP,…", "remove those of these steps; the run must have ended"),
      Option("--yes", nil, "do not ask"), host, directory,
    ],
    details: """
      The checkpoint that the run resumes from is not removed. A run that is being trained removes those that no rule
      keeps by itself: session.checkpoint_keep and its neighbours in 'dino recipe --keys'.
      """
  ) { arguments in
    guard arguments.has("--remove") || !arguments.has("--yes") else {
      throw UsageError("--yes is for --remove")
    }
    let run = try RunSelection.any(arguments.operands.first, arguments)
    if let steps = arguments.value("--remove") {
      guard let directory = run.place.directory else {
        throw Failure("--remove: remove checkpoints on the machine of \(run.name)")
      }
      let outcome = try remove(steps, of: directory, isAgreed: arguments.has("--yes"))
      guard arguments.has("--json") else {
        print(outcome)
        return 0
      }
    }
    let list = CheckpointList(try CheckpointList.rows(at: run.place))
    if arguments.has("--json") {
      print(try JSONText.pretty(list.rows))
    } else if list.rows.isEmpty {
      print("\(run.name) has no checkpoint yet")
    } else {
      print(list.table)
    }
    return 0
  }

  /// Removes checkpoints of a run that nobody trains: all of the steps, or none. Returns what came of it.
  private static func remove(
    _ steps: String, of run: RunDirectory, isAgreed: Bool
  ) throws -> String {
    let lock = try RunLock.taken(of: run)
    return try withExtendedLifetime(lock) {
      let store = CheckpointStore(directory: run.checkpoints)
      let chosen = try self.steps(steps, of: run, in: store)
      let bytes = chosen.reduce(0) { $0 + FileSystem.size(of: store.path(step: $1)) }
      let count = chosen.count == 1 ? "checkpoint" : "checkpoints"
      let listed = chosen.map { Format.count($0) }.joined(separator: " and ")
      let line = "the \(count) of \(run.name) at step \(listed), \(Format.bytes(Double(bytes)))"
      guard try isAgreed || agrees("remove \(line)?", command: "checkpoints --remove") else {
        return "nothing is removed"
      }
      try store.remove(chosen)
      return "\(line): removed"
    }
  }

  /// Reads the steps of checkpoints that may go, in ascending order.
  private static func steps(
    _ text: String, of run: RunDirectory, in store: CheckpointStore
  ) throws -> [Int] {
    let present = try store.steps()
    let current = try HistoryReader(directory: run).lastCheckpoint() ?? present.last
    let steps = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let step = Int(word) else {
        throw UsageError("--remove: '\(word)' is not a step; several are 1000,2000")
      }
      guard present.contains(step) else {
        throw Failure(
          "\(run.name) has no checkpoint at step \(step); dino checkpoints \(run.name) lists them")
      }
      guard step != current else {
        throw Failure(
          "\(run.name) resumes from step \(step); dino rm \(run.name) removes the whole run")
      }
      return step
    }
    return Set(steps).sorted()
  }
}
