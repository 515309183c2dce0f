import CommandKit
import Control
import Run
import Support
import Wire

/// The machines of `dino hosts`, as commands use them.
enum RemoteHosts {
  /// Returns a host and this machine's keys. Throws a line that says what to do if one is missing.
  static func named(_ name: String) throws -> (Host, CurveKeyPair) {
    let list = try HostList.read()
    guard let host = list[name: name] else {
      let near =
        nearestName(to: name, among: list.hosts.map(\.name))
        .map { "did you mean '\($0)'? " } ?? ""
      throw Failure(
        "there is no host '\(name)'; \(near)add it with: dino hosts add \(name) "
          + "tcp://ADDRESS:\(GateAddress.defaultPort) KEY")
    }
    return (host, try ownKeys())
  }

  /// Returns this machine's keys.
  static func ownKeys() throws -> CurveKeyPair {
    guard let own = try OwnKeys.read() else {
      throw Failure("this machine has no key yet; make one with: dino keys new")
    }
    return own
  }

  /// Returns host and run of a name such as `gpu1:moths`, or of a run's name and a host; `nil` for a
  /// run of this machine.
  static func split(_ name: String, host: String?) -> (host: String, run: String)? {
    if let host { return (host, name) }
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (parts[0], parts[1]) : nil
  }

  /// Returns summaries of the runs of a host, from the newest.
  static func runs(of host: Host, _ own: CurveKeyPair) throws -> [RunSummary] {
    try HostSurvey.ask([host], own: own, client: client)[0].runs.get()
  }

  /// How this program calls itself to gates.
  static var client: String { ClientName.of("dino") }
}
