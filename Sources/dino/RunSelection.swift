import CommandKit
import Control
import History
import Run
import Screen
import Support
import Wire

/// Finds the run that a command refers to: `NAME` on this machine, `HOST:NAME` or, with `--host`, on
/// another.
enum RunSelection {
  /// Returns the options that the user has to add to a suggested command so that it finds the run.
  static func options(_ arguments: Arguments) -> String {
    arguments.value("--dir").map { " --dir \($0)" } ?? ""
  }

  /// Returns the host that `--host` names; `nil` for this machine, and in commands that only work here.
  private static func host(_ arguments: Arguments) -> String? {
    arguments.takes("--host") ? arguments.value("--host") : nil
  }

  /// Returns all runs of this machine. Throws if a folder cannot be read.
  static func all(_ arguments: Arguments) throws(Failure) -> [FoundRun] {
    try directories(arguments.value("--dir")).map { FoundRun($0) }
  }

  /// Returns the folders of all runs in `parent`, or in the default folders. Throws if one cannot be
  /// read.
  static func directories(_ parent: String?) throws(Failure) -> [RunDirectory] {
    do throws(FileError) {
      return try RunCatalogue.all(in: parent)
    } catch {
      throw Failure("\(error)")
    }
  }

  /// Returns the runs among which a command without a name chooses: those of this machine, or of the
  /// one that `--host` names.
  static func choice(_ arguments: Arguments) throws -> [FoundRun] {
    guard let name = host(arguments) else { return try all(arguments) }
    let (host, own) = try RemoteHosts.named(name)
    return try RemoteHosts.runs(of: host, own).map { run in
      FoundRun(run.status.name, on: host, own: own, isTraining: run.alive)
    }
  }

  /// Returns the run of the given name.
  static func named(_ name: String, _ arguments: Arguments) throws -> FoundRun {
    let host = host(arguments)
    if host == nil, let run = RunCatalogue.named(name, in: arguments.value("--dir")) {
      return FoundRun(run)
    }
    if let (host, run) = RemoteHosts.split(name, host: host) {
      let (host, own) = try RemoteHosts.named(host)
      // Whether there is such a run, and whether it is being trained, its gate will say.
      return FoundRun(run, on: host, own: own, isTraining: true)
    }
    let names = try all(arguments).map(\.name)
    let nearest = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
    throw Failure("there is no run '\(name)'; \(nearest)dino ls lists the runs")
  }

  /// Returns the run to control: the named one, or the only one that is being trained.
  static func training(_ name: String?, _ arguments: Arguments) throws -> FoundRun {
    guard let name else {
      guard let run = try only(try choice(arguments)) else {
        throw Failure("no run is being trained; start one with: dino start RECIPE.yaml")
      }
      return run
    }
    let run = try named(name, arguments)
    guard !run.isTraining, let directory = run.place.directory else { return run }
    let outline = try? directory.outline()
    guard outline?.status.kind == nil else {
      throw Failure("the curation '\(name)' is not running; go on with: dinod curate and its plan")
    }
    throw Failure(
      outline?.state == RunState.finished.rawValue
        ? "run '\(name)' has finished; dino extend lets it go on, dino branch or dino distill starts another "
          + "from it"
        : "run '\(name)' is not being trained; resume it with: "
          + "dino start \(name)\(options(arguments))")
  }

  /// Returns the only run that is being trained, or `nil` if there is none.
  private static func only(_ runs: [FoundRun]) throws(Failure) -> FoundRun? {
    let alive = runs.filter(\.isTraining)
    guard alive.count <= 1 else {
      let names = alive.map(\.name).joined(separator: ", ")
      throw Failure("several runs are being trained; name one of them: \(names)")
    }
    return alive.first
  }

  /// Returns the run to show: the named one, or the only one that is being trained. If none is
  /// being trained, the newest.
  static func any(_ name: String?, _ arguments: Arguments) throws -> FoundRun {
    if let name { return try named(name, arguments) }
    if let run = try only(try choice(arguments)) ?? newest(arguments) { return run }
    throw Failure("there is no run yet; start one with: dino start RECIPE.yaml")
  }

  /// Returns the run that was trained last; `nil` if there is none.
  static func newest(_ arguments: Arguments) throws -> FoundRun? {
    let runs = try choice(arguments)
    // A gate lists its runs from the newest.
    return host(arguments) != nil ? runs.first : runs.max { $0.modified < $1.modified }
  }
}
