import CommandKit
import Control
import Run
import Support
import Wire

extension Subcommand {
  static let keys = Subcommand(
    name: "keys", operands: "[new | grant NAME ROLE KEY | revoke NAME]", count: 0...4,
    summary: "show this machine's key and who may connect, make a key, let one in, shut one out",
    options: [json],
    details: """
      Each machine has a key pair. The secret half never leaves it; the public half is what other
      machines let in. Without operands, the public key and those that may connect are printed.

      new                    makes this machine's key pair
      grant NAME ROLE KEY    lets a public key in; NAME stands in the journal of runs it changes
      revoke NAME            shuts it out; its connections to dino serve end within a second

      ROLE is viewer (may watch), operator (may also change a run) or owner (may also end it).
      """
  ) { arguments in
    let words = arguments.operands
    switch (words.first, words.count) {
    case (nil, _), ("list", 1): try printKeys(arguments.has("--json"))
    case ("new", 1): try makeKeys()
    case ("grant", 4): try grant(words[1], words[2], words[3])
    case ("revoke", 2): try revoke(words[1])
    default:
      throw UsageError(
        "dino keys takes nothing, new, grant NAME ROLE KEY or revoke NAME, not "
          + "'\(words.joined(separator: " "))'")
    }
    return 0
  }

  private static func makeKeys() throws {
    let keys = try ConfigFolder.exclusively {
      guard try OwnKeys.read() == nil else {
        throw Failure(
          "this machine has a key already, which others know: remove \(OwnKeys.file) only to be a "
            + "stranger to them")
      }
      return try OwnKeys.make()
    }
    print(
      """
      made the key pair of this machine; its public key is
        \(keys.publicKey)
      on a machine with runs: dino keys grant \(HostName.own) viewer \(keys.publicKey)
      """)
  }

  private static func grant(_ name: String, _ role: String, _ key: String) throws {
    let entry = try ConfigFolder.exclusively {
      var keys = try AuthorizedKeys.read()
      try keys.grant(name: name, role: role, key: key)
      try keys.write()
      return keys[name: name]!
    }
    print("\(entry.name) may connect to dino serve as \(entry.role)")
  }

  private static func revoke(_ name: String) throws {
    try ConfigFolder.exclusively {
      var keys = try AuthorizedKeys.read()
      guard keys.revoke(name) else {
        let names = keys.entries.map(\.name)
        let near = nearestName(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
        throw Failure("no key is called '\(name)'; \(near)dino keys lists them")
      }
      try keys.write()
    }
    print("\(name) may no longer connect; a running dino serve ends its connections")
  }

  /// What `dino keys --json` prints.
  private struct PrintedKeys: Encodable {
    struct Entry: Encodable { let name, role, key: String }
    var key: String?
    var authorized: [Entry]
  }

  private static func printKeys(_ asJSON: Bool) throws {
    let own = try OwnKeys.read()
    let entries = try AuthorizedKeys.read().entries
    guard !asJSON else {
      return print(
        try JSONText.pretty(
          PrintedKeys(
            key: own.map { "\($0.publicKey)" },
            authorized: entries.map {
              .init(name: $0.name, role: $0.role.rawValue, key: "\($0.key)")
            })))
    }
    print(
      own.map { "the public key of this machine is\n  \($0.publicKey)" }
        ?? "this machine has no key yet; make one with: dino keys new")
    guard !entries.isEmpty else { return print("nobody may connect to its runs") }
    print("these may connect to its runs, through dino serve:")
    print(
      TextTable(
        [("NAME", .left), ("ROLE", .left), ("KEY", .left)],
        entries.map { [$0.name, $0.role.rawValue, "\($0.key)"] }
      ).text)
  }
}
