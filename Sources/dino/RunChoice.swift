import CommandKit
import FoundationEssentials
import History
import Run
import Screen
import Support

/// A run as the commands find it on this machine.
struct FoundRun {
  let directory: RunDirectory
  /// The daemon that trains it; nil where none does.
  let pid: Int32?

  init(_ directory: RunDirectory) {
    self.directory = directory
    pid = RunLock.holder(of: directory)
  }

  var isAlive: Bool { pid != nil }

  /// When its database was last written, to tell which of several is the newest.
  var modified: Date {
    let facts = try? FileManager.default.attributesOfItem(atPath: directory.database)
    return facts?[.modificationDate] as? Date ?? .distantPast
  }
}

/// Which run a command means.
enum RunChoice {
  /// What a command line that is shown to a person needs besides to find the run again.
  static func place(_ arguments: Arguments) -> String {
    arguments.value("--dir").map { " --dir \($0)" } ?? ""
  }

  /// All runs in the folder of runs.
  static func all(_ arguments: Arguments) -> [FoundRun] {
    RunDirectory.list(parent: arguments.value("--dir")).map { FoundRun($0) }
  }

  /// The run of a name.
  static func named(_ name: String, _ arguments: Arguments) throws(Failure) -> FoundRun {
    let run = FoundRun(RunDirectory(name: name, parent: arguments.value("--dir")))
    if run.directory.exists || run.isAlive { return run }
    let names = all(arguments).map(\.directory.name)
    let nearest = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
    throw Failure("no run is called '\(name)'; \(nearest)dino ls shows the runs there are")
  }

  /// The run to steer: the one named, or the only one that is being trained.
  static func alive(_ name: String?, _ arguments: Arguments) throws(Failure) -> FoundRun {
    if let name {
      let run = try named(name, arguments)
      guard run.isAlive else {
        throw Failure(
          (try? run.outline())?.state == RunState.finished.rawValue
            ? "run '\(name)' has finished; dino branch or dino distill begins another from it"
            : "run '\(name)' is not being trained; resume it with: "
              + "dino start \(name)\(place(arguments))")
      }
      return run
    }
    guard let run = try only(all(arguments)) else {
      throw Failure("no run is being trained; begin one with: dino start RECIPE.yaml")
    }
    return run
  }

  /// The one run that is being trained, nil where none is.
  private static func only(_ runs: [FoundRun]) throws(Failure) -> FoundRun? {
    let alive = runs.filter(\.isAlive)
    guard alive.count <= 1 else {
      let names = alive.map(\.directory.name).joined(separator: ", ")
      throw Failure("several runs are being trained, name one of them: \(names)")
    }
    return alive.first
  }

  /// The run to look at: the one named, else the only one being trained, else where none is the
  /// newest.
  static func any(_ name: String?, _ arguments: Arguments) throws(Failure) -> FoundRun {
    if let name { return try named(name, arguments) }
    let runs = all(arguments)
    guard let run = try only(runs) ?? runs.max(by: { $0.modified < $1.modified }) else {
      throw Failure("there is no run yet; begin one with: dino start RECIPE.yaml")
    }
    return run
  }
}
