import Foundation
import History
import Run
import Screen
import Synchronization
import TestSupport
import Testing
import Wire

/// Tests of the real program in a real terminal, connected to a run through real sockets.
@Suite(.serialized, .enabled(if: Tmux.isAvailable, "tmux and the built dino are needed"))
struct TerminalTests {
  /// A simulated daemon that accepts every command and applies it at once.
  private final class SimulatedDaemon {
    let parent = "/tmp/dino-test-\(UUID().uuidString.prefix(8))"
    private let lock: RunLock
    private let server: RunServer

    init() throws {
      let directory = RunDirectory(name: "shown", parent: parent)
      lock = try RunLock(directory: directory)
      let writer = try HistoryWriter(directory: directory)
      try writer.set(SampleRun.status(1, of: 4000, state: .running, name: "shown"))
      try writer.close()
      let shared = Answers()
      server = try RunServer(
        endpoints: RunEndpoints(directory), record: SampleRun.record(name: "shown")
      ) { command in
        shared.apply(command)
        return Reply(id: command.id, outcome: .accepted)
      }
      shared.set(server)
    }

    deinit {
      server.stop()
      try? FileManager.default.removeItem(atPath: parent)
    }
  }

  /// A holder through which the server's own handler reaches the server.
  private final class Answers: Sendable {
    private let server = Mutex<RunServer?>(nil)
    func set(_ server: RunServer) { self.server.withLock { $0 = server } }
    func apply(_ command: ChangeRequest) {
      server.withLock { $0?.answer(Reply(id: command.id, outcome: .applied, step: 1201)) }
    }
  }

  private func open(_ daemon: SimulatedDaemon, _ size: Size, _ environment: String) throws -> Tmux {
    try Tmux(size, "env \(environment) \(Tmux.dino) attach shown --dir \(daemon.parent)")
  }

  private static let utf8 = "LC_ALL=C.UTF-8 TERM=screen-256color"

  @Test("a run is shown, a key steers it, detaching gives the terminal back")
  func attach() throws {
    let daemon = try SimulatedDaemon()
    let terminal = try open(daemon, Size(100, 30), Self.utf8)
    // The database ends at step 1; the daemon has later steps.
    #expect(try terminal.wait(for: "1,200 / 4,000 steps").contains("● running"))
    #expect(try terminal.value("alternate_on") == "1")
    try terminal.type("p")
    #expect(try terminal.wait(for: "applied").contains("✓ pause: applied at step 1,201"))
    try terminal.type("s", "Tab", "x")
    #expect(try terminal.wait(for: "is not a number").contains("Change a schedule"))
    try terminal.type("Escape")
    try terminal.resize(Size(50, 12))
    #expect(try terminal.wait(for: "needs").contains("dino needs 60 × 15 cells"))
    try terminal.resize(Size(100, 30))
    #expect(try terminal.wait(for: "● running").contains("● running"))
    try terminal.type("q")
    try expectRestored(terminal, code: 0)
  }

  @Test(
    "the terminal is given back when a signal or a crash ends the program",
    arguments: [SIGTERM, SIGHUP, SIGSEGV, SIGTRAP])
  func restored(signal: Int32) throws {
    let daemon = try SimulatedDaemon()
    let terminal = try open(daemon, Size(100, 30), Self.utf8)
    _ = try terminal.wait(for: "● running")
    try terminal.signal(signal)
    try expectRestored(terminal, code: 128 + signal)
  }

  @Test(
    "a terminal that cannot be drawn on is refused in words",
    arguments: [
      ("-u TERM", "TERM is not set"), ("TERM=", "TERM is not set"),
      ("TERM=dumb", "the terminal 'dumb' cannot move its cursor"),
      ("TERM=nonesuch", "unknown terminal 'nonesuch'"),
    ])
  func unusable(_ environment: String, _ reason: String) throws {
    let daemon = try SimulatedDaemon()
    let terminal = try open(daemon, Size(200, 30), environment)
    let screen = try terminal.wait(for: "LEFT=")
    #expect(screen.contains("dino: " + reason), "\(screen)")
    #expect(screen.contains("set TERM, for example to xterm-256color"), "\(screen)")
    #expect(screen.contains("LEFT=1\n"), "\(screen)")
  }

  @Test("without UTF-8 and with NO_COLOR the screen is ASCII without colours")
  func plain() throws {
    let daemon = try SimulatedDaemon()
    let terminal = try open(
      daemon, Size(120, 40), "LC_ALL=C TERM=screen-256color NO_COLOR=1")
    let screen = try terminal.wait(for: "* running")
    #expect(screen.contains("* running"))
    #expect(screen.unicodeScalars.allSatisfy { $0.isASCII })
    let coloured = try terminal.colouredScreen()
    #expect(coloured.contains("\u{1b}[1m"))
    for sequence in ["[3", "[4", "[9", ";3", ";4"] {
      let set = coloured.components(separatedBy: "\u{1b}" + sequence).dropFirst()
      #expect(set.allSatisfy { $0.hasPrefix("9") }, "a colour is set by \(sequence)")
    }
  }

  private func expectRestored(_ terminal: Tmux, code: Int32) throws {
    let screen = try terminal.wait(for: "LEFT=")
    #expect(screen.contains("LEFT=\(code)\n"))
    _ = try terminal.wait(for: " icanon")
    #expect(try terminal.screen().contains(" icanon"))
    #expect(try terminal.screen().contains(" echo "))
    #expect(try terminal.value("alternate_on") == "0")
    #expect(try terminal.value("cursor_flag") == "1")
  }
}
