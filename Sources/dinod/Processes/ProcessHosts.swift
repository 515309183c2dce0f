import CommandKit
import Support
import Tensor

/// The hosts on which a run's processes are started, as `--hosts a,b:2` names them.
struct ProcessHosts: Equatable {
  struct Host: Equatable {
    var name: String
    /// The number of its processes.
    var slots: Int
  }

  /// The hosts in order; this machine is the first. Empty if all processes are on this machine, or if a
  /// scheduler such as Slurm says where they are.
  var hosts: [Host]
  /// The number of processes.
  var processes: Int

  /// The most processes on the hosts that remain which can share the ranks of a run; `nil` if there is none.
  func without(_ lost: Set<String>, world: Int) -> ProcessHosts? {
    var rest = self
    rest.hosts.removeAll { lost.contains($0.name) }
    let slots = hosts.isEmpty ? processes : rest.hosts.reduce(0) { $0 + $1.slots }
    guard let most = Ranks.processes(for: world).last(where: { $0 <= min(slots, processes) }) else {
      return nil
    }
    rest.processes = most
    return rest
  }
}

extension ProcessHosts {
  /// Reads the options of a command; `nil` if they name no processes.
  init?(_ arguments: Arguments) throws {
    let count = try arguments.integer("--processes", in: 1...65536)
    guard let text = arguments.value("--hosts") else {
      guard let count else { return nil }
      self.init(hosts: [], processes: count)
      return
    }
    let hosts = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      let slots = parts.count == 2 ? Int(parts[1]) : 1
      guard let name = parts.first, !name.isEmpty, parts.count <= 2, let slots, slots > 0 else {
        throw UsageError("--hosts: '\(word)' is no host; give names, as in a,b or a:2,b:2")
      }
      return Host(name: String(name), slots: slots)
    }
    let own = HostName.own
    guard let first = hosts.first,
      ["localhost", own, String(own.prefix { $0 != "." })]
        .contains(first.name)
    else {
      throw UsageError(
        "--hosts: the first host must be this one, \(own): it keeps the run's folder and its sockets"
      )
    }
    let slots = hosts.reduce(0) { $0 + $1.slots }
    guard count ?? slots <= slots else {
      throw UsageError("--hosts: \(slots) places, but --processes is \(count!)")
    }
    self.init(hosts: hosts, processes: count ?? slots)
  }
}
