import CommandKit
import FoundationEssentials
import History
import Notices
import Recipe
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let watch = Subcommand(
    name: "watch", operands: "", count: 0...0,
    summary:
      "look whether runs have died or hang, tell as their recipes say, and deliver what waits",
    options: [
      Option("--every", "SECONDS", "look again and again; by default once, for a timer"),
      directory,
    ],
    details: """
      A run is silent if its daemon has ended without recording its end, or if it should make steps and
      has written nothing for ten minutes. It is told once. Notices that could not be delivered are
      tried again.
      """
  ) { arguments in
    let interval = try arguments.integer("--every", in: 1...1_000_000)
    repeat {
      for run in try RunDirectory.list(parent: arguments.value("--dir")) {
        do {
          try RunWatch(run).look()
        } catch {
          tell("\(run.name): \(error)")
        }
      }
      if let interval { sleep(UInt32(interval)) }
    } while interval != nil
    return 0
  }
}

/// Looks after one run from outside.
private struct RunWatch {
  private let directory: RunDirectory
  private let recipe: Recipe

  /// Seconds without a sign of life after which a daemon counts as silent.
  private static let patience = 600.0

  init(_ directory: RunDirectory) throws {
    self.directory = directory
    recipe = try Recipe.read(file: directory.recipe)
  }

  /// Tells of a run that is silent, and delivers what its daemon has left.
  func look() throws {
    guard !recipe.notify.to.isEmpty else { return }
    let isTrained = RunLock.holder(of: directory) != nil
    let outbox = Outbox(folder: directory.notices)
    if let (text, step) = try silence(isTrained) { try note(text, step, outbox) }
    // A daemon that is at work delivers its own.
    guard try !isTrained && !outbox.waiting().isEmpty else { return }
    let courier = try Courier(
      outbox, Destination.named(recipe.notify.to, in: Destination.read()))
    courier.close()
    for finding in courier.findings() { tell("\(directory.name): \(finding)") }
  }

  /// Returns what is wrong with a run and its last step; `nil` if nothing is.
  private func silence(_ isTrained: Bool) throws -> (String, Int)? {
    let status = try HistoryReader(directory: directory).lastStatus()
    guard status.state.isAlive else { return nil }
    guard isTrained else { return (RunSummary.interruption(of: status.name), status.step) }
    guard status.state == .running,
      let written = try FileSystem.status(directory.log)?.modified,
      let database = try FileSystem.status(directory.database)?.modified
    else { return nil }
    let quiet = Clock.wall() - max(written, database)
    guard quiet > Self.patience else { return nil }
    return (
      "the daemon has written nothing for \(Format.duration(quiet)); is it stopped or stuck?",
      status.step
    )
  }

  /// Leaves a notice in the outbox, unless this silence was told.
  private func note(_ text: String, _ step: Int, _ outbox: Outbox) throws {
    let mark = outbox.folder + "/.silent"
    let sign = "\(step) \(try FileSystem.status(directory.database)?.modified ?? 0)\n"
    if let known = try? WholeFile.read(mark, limit: 4096), known == Array(sign.utf8) { return }
    guard recipe.notify.tells(Notice.Event.silent.rawValue) else { return }
    tell("\(directory.name): \(text)")
    _ = try outbox.add(
      Notice(.silent, run: directory.name, step: step, text: text), for: recipe.notify.to)
    try WholeFile.write(sign, to: mark)
  }
}
