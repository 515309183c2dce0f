import CommandKit
import Control
import History
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let removal = Subcommand(
    name: "rm", operands: "NAME…", count: 1...Int.max,
    summary: "remove runs that are not being trained, with all their files",
    options: [Option("--yes", nil, "do not ask"), directory],
    details: """
      It says what each run is and how much it frees, and asks. Runs that branched from one go on
      without it: their checkpoints are their own.
      """
  ) { arguments in
    let runs = try arguments.operands.map { name in
      guard let run = RunCatalogue.named(name, in: arguments.value("--dir")) else {
        let names = try RunSelection.directories(arguments.value("--dir")).map(\.name)
        let near = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
        throw Failure("there is no run '\(name)' here; \(near)dino ls lists the runs")
      }
      return run
    }
    for run in runs {
      let bytes = FileSystem.size(of: run.path)
      let summary = (try? run.outline()).map {
        ", \($0.state) after step \(Format.count($0.status.step))"
      }
      let line = "\(run.name)\(summary ?? ""), \(Format.bytes(Double(bytes))) in \(run.path)"
      guard try arguments.has("--yes") || agrees("remove \(line)?", command: "rm", run) else {
        print("\(run.name) is kept")
        continue
      }
      try remove(run)
      print("\(line): removed")
    }
    return 0
  }

  /// Removes a run, which nobody may begin to train meanwhile.
  private static func remove(_ run: RunDirectory) throws {
    let lock = try RunLock.taken(of: run)
    try withExtendedLifetime(lock) { try FileSystem.remove(run.path) }
  }

  /// Asks on the terminal. Throws if there is none, or if the run is being trained.
  static func agrees(
    _ question: String, command: String, _ run: RunDirectory? = nil
  ) throws -> Bool {
    if let run, RunLock.holder(of: run) != nil { throw RunLock.refusal(of: run) }
    guard isatty(STDIN_FILENO) == 1 else {
      throw UsageError("without a terminal to ask on, \(command) needs --yes")
    }
    print("\(question) [y/N]")
    return readLine()?.lowercased().hasPrefix("y") == true
  }
}

extension RunLock {
  /// Takes the lock of a run, so that nobody trains it meanwhile.
  static func taken(of run: RunDirectory) throws -> RunLock {
    guard let lock = try? RunLock(directory: run) else { throw refusal(of: run) }
    return lock
  }

  fileprivate static func refusal(of run: RunDirectory) -> Failure {
    Failure("\(run.name) is being trained; stop it first: dino stop \(run.name)")
  }
}

extension FileSystem {
  /// Returns the bytes of all files below a folder, each of which counts once however many names it has.
  static func size(of folder: String) -> Int {
    var seen: Set<FileIdentity> = []
    func add(_ path: String) -> Int {
      guard let status = try? status(path, followingLinks: false) else { return 0 }
      guard status.kind == .folder else {
        return seen.insert(status.identity).inserted ? Int(status.size) : 0
      }
      return ((try? names(in: path)) ?? []).reduce(0) { $0 + add("\(path)/\($1)") }
    }
    return add(folder)
  }
}
