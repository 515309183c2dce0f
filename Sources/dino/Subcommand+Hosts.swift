import CommandKit
import Control
import Support
import Wire

extension Subcommand {
  static let hosts = Subcommand(
    name: "hosts", operands: "[add NAME ADDRESS KEY | remove NAME]", count: 0...4,
    summary: "list, add and remove the machines whose runs can be seen from here",
    options: [],
    details: """
      ADDRESS is where dino serve listens on that machine, such as tcp://gpu1.example.org:5640, and
      KEY its public key, which dino keys prints there. Then HOST:NAME is a run of that machine in
      attach, status, log, set and the other commands, and dino ls lists its runs too.
      """
  ) { arguments in
    let words = arguments.operands
    switch (words.first, words.count) {
    case (nil, _): try printHosts()
    case ("add", 4): try add(words[1], words[2], words[3])
    case ("remove", 2): try remove(words[1])
    default:
      throw UsageError(
        "dino hosts takes nothing, add NAME ADDRESS KEY or remove NAME, not "
          + "'\(words.joined(separator: " "))'")
    }
    return 0
  }

  private static func add(_ name: String, _ address: String, _ key: String) throws {
    let own = try ConfigFolder.exclusively {
      var list = try HostList.read()
      try list.add(name: name, address: address, key: key)
      try list.write()
      return try OwnKeys.readOrMake()
    }
    let host = try HostList.read()[name: name]!
    print("\(host.name) is at \(host.address)")
    // Say at once whether it works, since the address and two keys have to fit.
    guard
      case .failure(let error) = HostSurvey.ask([host], own: own, client: RemoteHosts.client)[0]
        .runs
    else { return print("it answers; dino ls --host \(host.name) lists its runs") }
    print("it does not answer yet: \(error)")
  }

  private static func remove(_ name: String) throws {
    try ConfigFolder.exclusively {
      var list = try HostList.read()
      guard list.remove(name) else {
        let names = list.hosts.map(\.name)
        let near = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
        throw Failure("no host is called '\(name)'; \(near)dino hosts lists them")
      }
      try list.write()
    }
    print("\(name) is no longer known")
  }

  private static func printHosts() throws {
    let hosts = try HostList.read().hosts
    guard !hosts.isEmpty else {
      return print("no hosts yet; add one with: dino hosts add NAME tcp://ADDRESS:PORT KEY")
    }
    print(
      TextTable(
        [("NAME", .left), ("ADDRESS", .left), ("KEY", .left)],
        hosts.map { [$0.name, "\($0.address)", "\($0.key)"] }
      ).text)
  }
}
