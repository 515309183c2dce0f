import CommandKit
import History
import Run
import Screen
import Support

/// A run found on this machine.
struct FoundRun {
  let directory: RunDirectory
  /// The process that trains the run, or `nil` if none does.
  let pid: Int32?

  init(_ directory: RunDirectory) {
    self.directory = directory
    pid = RunLock.holder(of: directory)
  }

  var isTraining: Bool { pid != nil }

  /// The time of the last write to the run's database, in seconds since 1970; 0 if it is unknown.
  var modified: Double { (try? FileSystem.status(directory.database))?.modified ?? 0 }
}

/// Finds the run that a command refers to.
enum RunSelection {
  /// Returns the option that the user has to add to a suggested command so that it finds the run.
  static func folderOption(_ arguments: Arguments) -> String {
    arguments.value("--dir").map { " --dir \($0)" } ?? ""
  }

  /// Returns all runs in the folder of runs, and curations, which are shown and steered like them.
  /// Throws if a folder cannot be read.
  static func all(_ arguments: Arguments) throws(Failure) -> [FoundRun] {
    let parent = arguments.value("--dir")
    let curations = parent == nil ? try directories(curationFolder) : []
    return try (directories(parent) + curations).map { FoundRun($0) }
  }

  /// The folder of pools, which curations work on.
  private static var curationFolder: String { StateFolder.path("pools") }

  /// Returns the folders of all runs in `parent`, or in the default folder.
  static func directories(_ parent: String?) throws(Failure) -> [RunDirectory] {
    do throws(FileError) {
      return try RunDirectory.list(parent: parent)
    } catch {
      throw Failure("\(error)")
    }
  }

  /// Returns the run of the given name.
  static func named(_ name: String, _ arguments: Arguments) throws(Failure) -> FoundRun {
    let run = FoundRun(RunDirectory(name: name, parent: arguments.value("--dir")))
    if run.directory.exists || run.isTraining { return run }
    let pool = RunDirectory(name: name, parent: arguments.value("--dir") ?? curationFolder)
    if pool.exists { return FoundRun(pool) }
    let names = try all(arguments).map(\.directory.name)
    let nearest = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
    throw Failure("there is no run '\(name)'; \(nearest)dino ls lists the runs")
  }

  /// Returns the run to control: the named one, or the only one that is being trained.
  static func training(_ name: String?, _ arguments: Arguments) throws(Failure) -> FoundRun {
    if let name {
      let run = try named(name, arguments)
      guard run.isTraining else {
        guard (try? run.outline())?.status.kind == nil else {
          throw Failure(
            "the curation '\(name)' is not running; go on with: dinod curate and its plan")
        }
        throw Failure(
          (try? run.outline())?.state == RunState.finished.rawValue
            ? "run '\(name)' has finished; dino branch or dino distill starts another from it"
            : "run '\(name)' is not being trained; resume it with: "
              + "dino start \(name)\(folderOption(arguments))")
      }
      return run
    }
    guard let run = try only(try all(arguments)) else {
      throw Failure("no run is being trained; start one with: dino start RECIPE.yaml")
    }
    return run
  }

  /// Returns the only run that is being trained, or `nil` if there is none.
  private static func only(_ runs: [FoundRun]) throws(Failure) -> FoundRun? {
    let alive = runs.filter(\.isTraining)
    guard alive.count <= 1 else {
      let names = alive.map(\.directory.name).joined(separator: ", ")
      throw Failure("several runs are being trained; name one of them: \(names)")
    }
    return alive.first
  }

  /// Returns the run to show: the named one, or the only one that is being trained. If none is
  /// being trained, the newest.
  static func any(_ name: String?, _ arguments: Arguments) throws(Failure) -> FoundRun {
    if let name { return try named(name, arguments) }
    let runs = try all(arguments)
    guard let run = try only(runs) ?? runs.max(by: { $0.modified < $1.modified }) else {
      throw Failure("there is no run yet; start one with: dino start RECIPE.yaml")
    }
    return run
  }
}
