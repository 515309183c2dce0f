import Foundation
import Run
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A full disk costs only the checkpoint that is due.
  @Suite final class FullDiskTests {
    let home = Sandbox()
    private let steps = 4000
    private var changes: [String] {
      ["optim.epochs=\(steps / 40)", "session.checkpoint_every=100"]
    }

    @Test(
      "a full disk is told, training goes on, and older checkpoints stay as they are",
      .enabled(if: SmallDisk.isPossible, "needs root, to mount a small file system"))
    func fullDisk() throws {
      let disk = try #require(SmallDisk(at: home.path + "/state", bytes: 8 << 20))
      defer { disk.remove() }
      let daemon = try home.train("moths", changes)
      try home.waitForStep(101, of: "moths", daemon)
      try #require(home.ask("moths", .pause)?.outcome == .applied)
      disk.fill()
      try goOnWithoutRoom(daemon, "the disk is full")

      disk.makeRoom()
      try home.trainToTheEnd("moths", changes)
      disk.remove()
    }

    @Test("a limit on the size of files is told, and training goes on until it is lifted")
    func fileSizeLimit() throws {
      // The weights must be larger than everything else that a run writes.
      let keys = ["session.checkpoint_every=20", "dino.head_n_prototypes=16384"]
      let limited = try home.write("ulimit -f 1800\nexec \"$@\"\n", to: "limited.sh")
      let daemon = try home.train("moths", changes + keys, under: ["/bin/sh", limited])
      try home.waitForStep(21, of: "moths", daemon)
      try goOnWithoutRoom(daemon, "limit on the size of a file")
      #expect(try home.dino("status", "moths").output.contains("failed: stopped at step"))

      let free = try home.train("moths", changes + keys)
      try eventually("a checkpoint") { try !home.checkpoints("moths").list().isEmpty }
      free.kill(SIGTERM)
      #expect(try free.wait().code == 0)
    }

    /// Requests a checkpoint where none can be written, then resumes the run and ends it.
    private func goOnWithoutRoom(_ daemon: Program, _ reason: String) throws {
      let before = try home.checkpoints("moths").list()
      let asked = try home.dino("checkpoint", "moths")
      #expect(asked.code == 1 && asked.errorLines.count == 1, "\(asked)")
      #expect(asked.errors.contains("could not be written"))
      #expect(daemon.output.contains(reason), "\(daemon.output)")

      #expect(home.ask("moths", .resume)?.outcome == .applied)
      let step = try #require(home.ask("moths", .status)?.status?.step)
      try home.waitForStep(step + 150, of: "moths", daemon)
      #expect(try home.checkpoints("moths").list() == before)
      for checkpoint in before { try checkpoint.verify() }

      let stopped = try home.dino("stop", "moths")
      #expect(stopped.code == 1 && stopped.errors.contains("could not be written"), "\(stopped)")
      let ending = try daemon.wait()
      #expect(ending.code == 1 && ending.errorLines.count == 1, "\(ending)")
      #expect(ending.errors.contains("the last saved step is \(before.last?.step ?? 0);"))
      #expect(ending.errors.contains("free disk space"))
    }
  }
}
