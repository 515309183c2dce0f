import Foundation
import History
import Run
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run is its folder: a daemon writes to nothing else, and to nobody else's.
  @Suite final class RunFolderTests {
    let home = Sandbox()
    private let endless = ["optim.epochs=25000"]

    private func status(_ name: String) -> RunStatus? { home.ask(name, .status)?.status }

    @Test("a run whose folder is moved away pauses, says so, and goes on when it is back")
    func moved() throws {
      let daemon = try home.train("moths", endless)
      let (folder, away) = (home.run("moths").path, home.path + "/away")
      try home.waitForStep(15, of: "moths", daemon)
      try FileManager.default.moveItem(atPath: folder, toPath: away)
      let paused = try waitFor("the run pauses") {
        status("moths").flatMap { $0.state == .paused ? $0 : nil }
      }
      #expect(paused.message?.contains("was removed, moved or replaced") == true)
      let refused = home.ask("moths", .note(Note("kept")))
      #expect(refused?.outcome == .rejected, "\(String(describing: refused))")
      #expect(!FileManager.default.fileExists(atPath: folder))
      try FileManager.default.moveItem(atPath: away, toPath: folder)
      try home.waitForStep(paused.step + 20, of: "moths", daemon)
      #expect(home.ask("moths", .note(Note("kept")))?.outcome == .applied)
    }

    @Test("a daemon whose folder was replaced leaves the new run, its files and its sockets alone")
    func replaced() throws {
      let old = try home.train("moths", endless)
      let folder = home.run("moths").path
      try home.waitForStep(15, of: "moths", old)
      try FileManager.default.moveItem(atPath: folder, toPath: home.path + "/away")
      let new = try home.train("moths", endless)
      try eventually("the new daemon answers") { status("moths")?.pid == new.pid }
      old.kill(SIGTERM)
      let ending = try old.wait()
      #expect(ending.code != 0 && ending.errors.contains("could not be written"), "\(ending)")
      let step = try home.waitForStep(1, of: "moths", new)
      try home.waitForStep(step + 30, of: "moths", new)
      #expect(status("moths")?.pid == new.pid)
      #expect(home.holder(of: "moths") == new.pid)
      new.kill(SIGTERM)
      #expect(try new.wait().code == 0)
      // Its own sockets go with it, and their folder.
      #expect(!FileManager.default.fileExists(atPath: home.path + "/dino/moths"))
    }

    @Test("a daemon keeps no file open that it inherited, and no signal blocked or ignored")
    func inheritsNothing() throws {
      let held = home.path + "/held"
      _ = FileManager.default.createFile(atPath: held, contents: nil)
      let script = """
        import os, signal, sys
        f = os.open('\(held)', os.O_RDONLY); os.set_inheritable(f, True)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.execv(sys.argv[1], sys.argv[1:])
        """
      let daemon = try home.train(
        "moths", endless, under: ["/usr/bin/python3", "-c", script])
      try home.waitForStep(5, of: "moths", daemon)
      let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd")
        .compactMap {
          try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/\(daemon.pid)/fd/\($0)")
        }
      #expect(!files.contains(held), "\(files)")
      let facts = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
      #expect(facts.contains("\nSigBlk:\t0000000000000000\n"), "\(facts)")
      let ignored = try #require(facts.firstMatch(of: /\nSigIgn:\t([0-9a-f]+)\n/)?.1)
      // SIGHUP (1), SIGPIPE (13) and SIGXFSZ (25). The C library keeps those from 32 on to itself.
      #expect(UInt64(ignored, radix: 16).map { $0 & 0x7FFF_FFFF } == 0x0100_1001, "\(facts)")
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
    }

    @Test("a second Ctrl-C ends the start at once")
    func secondSignal() throws {
      // A network whose initial values take seconds to draw.
      let large = ["student.embed_dim=512", "student.depth=6", "student.num_heads=8"]
      let daemon = try home.train("moths", large)
      try eventually("the run is locked") { home.holder(of: "moths") == daemon.pid }
      daemon.kill(SIGINT)
      usleep(50_000)
      try #require(daemon.isRunning)
      daemon.kill(SIGINT)
      #expect(try daemon.wait().code == 128 + SIGINT)
    }

    @Test("a branch that cannot begin leaves nothing behind")
    func failedBranch() throws {
      try home.trainToTheEnd("parent", ["optim.epochs=2"])
      let empty = home.path + "/empty"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let ending = try home.dino(
        "branch", "parent", "--name", "child", "--set", "data.path=\(empty)")
      #expect(
        ending.code != 0 && ending.errors.contains("files in it or its subfolders"), "\(ending)")
      #expect(!FileManager.default.fileExists(atPath: home.run("child").path))
      try home.checkpoints("parent").checkpoint(step: 80).verify()
    }
  }
}
