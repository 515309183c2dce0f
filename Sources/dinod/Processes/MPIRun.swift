import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The command line of Open MPI's launcher for a run's processes.
struct MPIRun {
  let hosts: ProcessHosts
  /// The program that starts another one on a host, as `ssh` does; `nil` for Open MPI's choice.
  let remoteShell: String?

  /// Finds `mpirun`.
  static func find() throws(RunError) -> String {
    guard let path = ProgramPath.find("mpirun") else {
      throw .machine("mpirun is not in PATH; install openmpi-bin on every host")
    }
    return path
  }

  /// The arguments that start the processes with a command line.
  func arguments(_ command: [String]) -> [String] {
    var words = ["-np", "\(hosts.processes)", "--bind-to", "none", "--map-by", "slot"]
    if hosts.hosts.isEmpty {
      // More processes than cores are fine: they share them.
      words.append("--oversubscribe")
    } else {
      words += ["--host", hosts.hosts.map { "\($0.name):\($0.slots)" }.joined(separator: ",")]
    }
    if geteuid() == 0 { words.append("--allow-run-as-root") }
    // A host that is gone is noticed after eleven seconds and not after eight minutes.
    let settings = [
      ("oob_tcp_keepalive_time", "5"), ("oob_tcp_keepalive_intvl", "2"),
      ("oob_tcp_keepalive_probes", "3"),
    ]
    for (name, value) in settings { words += ["--mca", name, value] }
    if let remoteShell { words += ["--mca", "plm_rsh_agent", remoteShell] }
    return words + command
  }

  /// Returns which hosts do not answer, by starting a program on each.
  func unreachable(_ mpirun: String) -> Set<String> {
    var lost: Set<String> = []
    for host in hosts.hosts.dropFirst() {
      let one = MPIRun(
        hosts: ProcessHosts(hosts: [host], processes: 1), remoteShell: remoteShell)
      let words = ["--timeout", "15"] + one.arguments(["true"])
      guard let child = try? ChildProcess(mpirun, words, output: .file("/dev/null")) else {
        continue
      }
      let end = Clock.monotonic() + 25
      var status = child.ending()
      while status == nil && Clock.monotonic() < end {
        usleep(100_000)
        status = child.ending()
      }
      if status == nil { kill(child.pid, SIGKILL) }
      if status != 0 { lost.insert(host.name) }
    }
    return lost
  }
}
