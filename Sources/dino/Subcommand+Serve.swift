import CommandKit
import Control
import History
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let serve = Subcommand(
    name: "serve", operands: "", count: 0...0,
    summary: "let other machines see and steer the runs of this one, by their keys",
    options: [
      Option(
        "--listen", "tcp://ADDRESS:PORT",
        "where to listen; by default at port \(GateAddress.defaultPort) of all addresses"),
      directory,
    ],
    details: """
      Commands go to PORT and the feed comes from the port after it; all is encrypted. Only keys that
      dino keys lists are let in. A key that is revoked loses its connections within a second. The
      runs do not depend on this program: it may be stopped and started at any time.
      """
  ) { arguments in
    let text = arguments.value("--listen") ?? "tcp://*:\(GateAddress.defaultPort)"
    guard let address = GateAddress(text) else {
      throw UsageError("--listen", takes: "an address such as tcp://*:5640", not: text)
    }
    let own = try OwnKeys.readOrMake()
    let lock = try serverLock()
    defer { withExtendedLifetime(lock) {} }
    let gate = try Gate(
      address, own: own, runs: arguments.value("--dir"), checkpoints: CheckpointList.rows,
      say: say)
    say("listening at \(address); the key of this machine is \(own.publicKey)")
    let entries = gate.authorized.entries
    say(
      entries.isEmpty
        ? "nobody may connect yet; let a key in with: dino keys grant NAME ROLE KEY"
        : "may connect: " + entries.map { "\($0.name) (\($0.role))" }.joined(separator: ", "))
    while true { gate.turn() }
  }

  /// Makes sure that this is the only gate of this user.
  private static func serverLock() throws -> FileLock {
    let file = StateFolder.path("serve") + ".lock"
    try FileSystem.makeFolder(FilePath.parent(of: file))
    do throws(FileLock.Failure) {
      return try FileLock(path: file)
    } catch {
      switch error {
      case .held(let pid):
        throw Failure("dino serve runs already\(pid.map { " (process \($0))" } ?? "")")
      case .failed(let why): throw Failure("\(file) \(why)")
      }
    }
  }

  /// Prints a line with the time, at once.
  private static func say(_ line: String) {
    print("\(Format.date(Clock.wall()))  \(PrintableText.line(line))")
    fflush(nil)
  }
}
