import CommandKit
import Recipe
import Support

/// Starts the processes of a run, and starts them again from the last checkpoint if one is lost.
///
/// `dinod train --hosts` is this; the processes that it starts train. It needs no MPI itself.
struct Supervisor {
  private let hosts: ProcessHosts
  private let remoteShell: String?
  private let restarts: Int
  private let shrinks: Bool
  private let requeues: Bool
  private let world: Int
  private let command: [String]
  private let log: SupervisorLog

  /// The options of the supervisor, which its processes do not get, and whether they have a value.
  private static let options = [
    "--hosts": true, "--processes": true, "--restarts": true, "--remote-shell": true,
    "--shrink": false, "--requeue": false,
  ]

  /// - Parameter train: the command that the processes carry out.
  init(_ arguments: Arguments, _ hosts: ProcessHosts, _ train: TrainCommand) throws {
    try train.recipe.check(processes: hosts.processes)
    self.hosts = hosts
    world = train.recipe.train.world
    log = SupervisorLog(directory: train.directory)
    remoteShell = arguments.value("--remote-shell")
    restarts = try arguments.integer("--restarts", in: 0...1000) ?? 3
    shrinks = arguments.has("--shrink")
    requeues = arguments.has("--requeue")
    command = [executablePath] + Self.withoutOptions(programArguments)
  }

  private static func withoutOptions(_ words: [String]) -> [String] {
    var kept: [String] = []
    var isValue = false
    for word in words {
      if isValue {
        isValue = false
        continue
      }
      let name = String(word.prefix { $0 != "=" })
      guard let hasValue = options[name] else {
        kept.append(word)
        continue
      }
      isValue = hasValue && name == word
    }
    return kept
  }

  /// Runs the processes until the run is over. Returns the exit code.
  func run() throws -> Int32 {
    let mpirun = try MPIRun.find()
    var present = hosts
    var left = restarts
    while true {
      let run = MPIRun(hosts: present, remoteShell: remoteShell)
      let ending = try SupervisedJob(mpirun, run.arguments(command)).wait()
      guard Self.isLoss(ending.code), !Signals.isPending else {
        if requeues, ending.code == 0 { try SlurmJob.requeueIfAsked() }
        return ending.code
      }
      let reason = ending.reason ?? "a process was lost (code \(ending.code))"
      guard left > 0 else {
        log.note("\(reason); no restarts are left")
        return ending.code
      }
      left -= 1
      var gone = ""
      if shrinks {
        let lost = run.unreachable(mpirun)
        guard let rest = present.without(lost, world: world) else {
          log.note("\(reason); no host is left")
          return ending.code
        }
        if !lost.isEmpty { gone = "without \(lost.sorted().joined(separator: ", ")) " }
        present = rest
      }
      log.note(
        "\(reason); starting again \(gone)from the last checkpoint with "
          + "\(Format.count(present.processes, "process")); restarts left: \(left)")
    }
  }

  /// Whether an exit code of `mpirun` means that a process, a host or a connection was lost. A run that
  /// ends by itself ends with 0, 1 or 2.
  private static func isLoss(_ code: Int32) -> Bool { code > 2 }
}
