import CommandKit
import Recipe
import Support
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Starts the processes of a run, and starts them again from the last checkpoint if one is lost.
///
/// `dinod train --hosts` is this; the processes that it starts train. It needs no MPI itself.
struct Supervisor {
  private let hosts: ProcessHosts
  private let remoteShell: String?
  private let restarts: Int
  private let shrinks: Bool
  private let world: Int
  private let command: [String]

  /// The options of the supervisor, which its processes do not get, and whether they have a value.
  private static let options = [
    "--hosts": true, "--processes": true, "--restarts": true, "--remote-shell": true,
    "--shrink": false,
  ]

  /// - Parameter recipe: the run's, whose ranks the processes share.
  init(_ arguments: Arguments, _ hosts: ProcessHosts, _ recipe: Recipe) throws {
    try recipe.check(processes: hosts.processes)
    self.hosts = hosts
    world = recipe.train.world
    remoteShell = arguments.value("--remote-shell")
    restarts = try arguments.integer("--restarts", in: 0...1000) ?? 3
    shrinks = arguments.has("--shrink")
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
      let code = try runOnce(mpirun, MPIRun(hosts: present, remoteShell: remoteShell))
      guard Self.isLoss(code), !Signals.isPending else { return code }
      guard left > 0 else {
        tell("a process was lost (code \(code)), and no restarts are left")
        return code
      }
      left -= 1
      if shrinks {
        let lost = MPIRun(hosts: present, remoteShell: remoteShell).unreachable(mpirun)
        guard let rest = present.without(lost, world: world) else { return code }
        if !lost.isEmpty { tell("gone: \(lost.sorted().joined(separator: ", "))") }
        present = rest
      }
      tell(
        "a process was lost (code \(code)); starting again from the last checkpoint with "
          + "\(Format.count(present.processes, "process")); restarts left: \(left)")
    }
  }

  /// Whether an exit code of `mpirun` means that a process, a host or a connection was lost. A run that
  /// ends by itself ends with 0, 1 or 2.
  private static func isLoss(_ code: Int32) -> Bool { code > 2 }

  /// Starts the processes and waits for them. Passes a request to end on: `mpirun` forwards SIGUSR1 to all
  /// processes, while SIGTERM would leave them a second.
  private func runOnce(_ mpirun: String, _ run: MPIRun) throws -> Int32 {
    let child = try ChildProcess(
      mpirun, run.arguments(command), output: .descriptor(STDOUT_FILENO))
    var isTold = false
    var aloneSince: Double?
    while true {
      if let status = child.ending() {
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
      }
      if Signals.isPending, !isTold {
        isTold = true
        kill(child.pid, SIGUSR1)
      }
      // `mpirun` may wait for ever for a host that is gone, when the processes here have ended.
      let now = Clock.monotonic()
      if ProcessTree.children(of: child.pid).isEmpty {
        let since = aloneSince ?? now
        aloneSince = since
        if now - since > 15 { kill(child.pid, SIGKILL) }
      } else {
        aloneSince = nil
      }
      usleep(200_000)
    }
  }
}
