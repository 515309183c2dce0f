import Foundation
import History
import Run
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

private let hasMPI = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")

extension Programs {
  /// Runs that several processes share, under Open MPI's `mpirun`.
  @Suite(.enabled(if: hasMPI, "mpirun is not installed"))
  final class ProcessTests {
    let home = Sandbox()
    private let steps = 160
    var world: [String] {
      [
        "train.world=4", "optim.epochs=4", "train.batch_size_per_gpu=2",
        "session.checkpoint_every=1000", "probe.every=40",
      ]
    }

    init() {
      home.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      home.environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }

    func train(
      _ name: String, processes: Int, _ changes: [String] = [], under inner: [String] = []
    ) throws -> Program {
      let launcher =
        processes == 1
        ? []
        : [
          "/usr/bin/mpirun", "-np", "\(processes)", "--oversubscribe", "--bind-to", "none",
          "--mca", "btl", "vader,self",
        ]
      return try home.train(name, world + changes, under: launcher + inner)
    }

    /// The processes of a run beside process 0, which holds its lock.
    private func others(of name: String, _ mpirun: Program) throws -> [pid_t] {
      try waitFor("processes of \(name)") {
        let holder = home.holder(of: name)
        let found = children(of: mpirun.pid).filter { $0 != holder }
        return holder == nil || found.isEmpty ? nil : found
      }
    }

    private func children(of parent: pid_t) -> [pid_t] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.compactMap { pid_t($0) }.filter { pid in
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
          let end = stat.lastIndex(of: ")")
        else { return false }
        return stat[end...].split(separator: " ").dropFirst(2).first == "\(parent)"
      }
    }

    @Test(
      "changed while it runs, killed, and resumed by other numbers of processes, a run ends with the bits of one"
    )
    func anyNumber() throws {
      var daemons = [
        "one": try train("one", processes: 1),
        "many": try train("many", processes: 2, ["train.sharding_strategy=FULL_SHARD"]),
      ]
      let step = try home.pauseAtOneStep(daemons)
      for name in daemons.keys {
        let reply = try #require(home.ask(name, .set(SetSchedule(.lr, to: 5e-4, over: 60))))
        #expect(reply.outcome == .applied && reply.step == step)
      }
      #expect(home.ask("many", .checkpoint())?.outcome == .applied)
      #expect(home.ask("many", .resume)?.outcome == .applied)
      try home.waitForStep(step + 8, of: "many", daemons["many"])
      let victim = try #require(others(of: "many", daemons["many"]!).first)
      kill(victim, SIGKILL)
      #expect(try daemons["many"]!.wait().code != 0)
      // `mpirun` has killed process 0, which takes a moment to be gone.
      try waitFor("the end of process 0") { home.holder(of: "many") == nil ? true : nil }

      daemons["many"] = try train(
        "many", processes: 4, ["train.sharding_strategy=SHARD_GRAD_OP"])
      try home.waitForStep(step + 30, of: "many", daemons["many"])
      kill(try #require(home.holder(of: "many")), SIGKILL)
      #expect(try daemons["many"]!.wait().code != 0)

      daemons["many"] = try train("many", processes: 2)
      #expect(home.ask("one", .resume)?.outcome == .applied)
      for daemon in daemons.values { #expect(try daemon.wait().code == 0) }
      #expect(try home.weights("many", step: steps) == home.weights("one", step: steps))
      let accuracies = try ["one", "many"].map { name in
        try HistoryReader(directory: home.run(name)).record().evaluations.map(\.values)
      }
      #expect(accuracies[0] == accuracies[1] && accuracies[0].count >= 4)
    }

    @Test(
      "processes write what they own to the run's folder; where one does not see it, process 0 writes all",
      arguments: [true, false])
    func whoWrites(_ isFolderShared: Bool) throws {
      let hides = """
        if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
          exec unshare -m sh -c 'mount -t tmpfs none "$0" && exec "$@"' "$FOLDER" "$@"
        fi
        exec "$@"
        """
      let folder = URL(fileURLWithPath: home.run("moths").path).deletingLastPathComponent().path
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      home.environment["FOLDER"] = folder
      let launcher = ["/bin/sh", try home.write(hides, to: "hides.sh")]
      try #require(isFolderShared || SmallDisk.isPossible, "needs root, to mount a file system")
      let mpirun = try train(
        "moths", processes: 2, ["train.sharding_strategy=FULL_SHARD"],
        under: isFolderShared ? [] : launcher)
      #expect(try mpirun.wait().code == 0)
      let saved = try #require(home.checkpoints("moths").list().last)
      try saved.verify()
      let student = try #require(saved.manifest.files.first { $0.name == "student.safetensors" })
      #expect((student.parts.count > 2) == isFolderShared)
      try home.trainToTheEnd("alone", world)
      #expect(try home.weights("moths", step: steps) == home.weights("alone", step: steps))
    }

    @Test("a process that hangs is named within seconds, and all end")
    func hang() throws {
      let mpirun = try train("moths", processes: 2, ["optim.epochs=1000"])
      try home.waitForStep(5, of: "moths", mpirun)
      let victim = try #require(others(of: "moths", mpirun).first)
      kill(victim, SIGSTOP)
      let began = Date()
      let ending = try mpirun.wait()
      #expect(Date().timeIntervalSince(began) < 20)
      #expect(ending.code == 75)
      #expect(ending.errors.contains("process 1 (") && ending.errors.contains("pid \(victim)"))
      #expect(home.holder(of: "moths") == nil)
    }

    @Test("a stop ends all processes well, and the state is saved")
    func stop() throws {
      let mpirun = try train("moths", processes: 2, ["optim.epochs=1000"])
      try home.waitForStep(5, of: "moths", mpirun)
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      let ending = try mpirun.wait()
      #expect(ending.code == 0, "\(ending)")
      #expect(try !home.checkpoints("moths").list().isEmpty)
    }

    @Test("supervised, a run goes on after a loss, says so in its log, and ends with the same bits")
    func restart() throws {
      let every = "session.checkpoint_every=20"
      let alone = try train("alone", processes: 1, [every])
      let supervisor = try home.train(
        "moths", world + [every], options: ["--processes", "2", "--restarts", "2"])
      try home.waitForStep(25, of: "moths", supervisor)
      let holder = try #require(home.holder(of: "moths"))
      let mpirun = try #require(children(of: supervisor.pid).first)
      let victim = try #require(children(of: mpirun).first { $0 != holder })
      kill(victim, SIGKILL)
      let ending = try supervisor.wait()
      #expect(ending.code == 0, "\(ending)")
      let losses = try home.events("moths").filter { $0.kind == "process" && $0.level == .error }
      #expect(losses.count == 1)
      let text = try #require(losses.first?.text)
      #expect(text.hasPrefix("process 1 (") && text.contains("was ended by signal 9"))
      #expect(text.hasSuffix("with 2 processes; restarts left: 1"))
      #expect(try alone.wait().code == 0)
      #expect(try home.weights("moths", step: steps) == home.weights("alone", step: steps))
    }

    @Test(
      "if mpirun itself hangs after a loss, it is ended, and the run goes on with the same bits")
    func stuckLauncher() throws {
      let every = "session.checkpoint_every=20"
      let alone = try train("alone", processes: 1, [every])
      let supervisor = try home.train(
        "moths", world + [every], options: ["--processes", "2", "--restarts", "1"])
      try home.waitForStep(25, of: "moths", supervisor)
      let mpirun = try #require(children(of: supervisor.pid).first)
      kill(mpirun, SIGSTOP)
      // Stopped, it never asks how they ended.
      for process in children(of: mpirun) { kill(process, SIGKILL) }
      #expect(try supervisor.wait().code == 0)
      let losses = try home.events("moths").filter { $0.kind == "process" && $0.level == .error }
      #expect(
        losses.map(\.text).allSatisfy {
          $0.hasPrefix("all processes here ended, but mpirun did not")
        })
      #expect(losses.count == 1)
      #expect(try alone.wait().code == 0)
      #expect(try home.weights("moths", step: steps) == home.weights("alone", step: steps))
    }

    @Test("if the supervisor is killed, no process stays behind")
    func orphans() throws {
      let supervisor = try home.train(
        "moths", world + ["optim.epochs=1000"], options: ["--processes", "2"])
      try home.waitForStep(3, of: "moths", supervisor)
      let mpirun = try #require(children(of: supervisor.pid).first)
      let processes = children(of: mpirun) + [mpirun]
      #expect(processes.count == 3)
      kill(supervisor.pid, SIGKILL)
      _ = try supervisor.wait()
      try waitFor("the end of all processes") {
        processes.contains { kill($0, 0) == 0 } ? nil : true
      }
    }

    @Test(
      "a process whose memory changes is found before it can spoil a checkpoint, and named",
      arguments: ["by the next steps", "by a checkpoint"])
    func wrongBits(_ way: String) throws {
      let mpirun = try train("moths", processes: 4, ["optim.epochs=1000"])
      try home.waitForStep(5, of: "moths", mpirun)
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      #expect(home.ask("moths", .checkpoint())?.outcome == .applied)
      let saved = try #require(home.checkpoints("moths").list().last)
      let victim = try #require(others(of: "moths", mpirun).last)
      try MemoryFault.change(
        "student.safetensors", "backbone.blocks.0.mlp.fc1.weight", of: saved, in: victim)
      if way == "by a checkpoint" {
        // The whole state is compared before it is saved.
        #expect(home.ask("moths", .checkpoint(name: "later"))?.outcome == .rejected)
      }
      _ = home.ask("moths", .resume)
      let ending = try mpirun.wait()
      #expect(ending.code == 75, "\(ending)")
      let found = try #require(
        home.events("moths").last { $0.kind == "failed" && $0.level == .error })
      #expect(found.text.hasPrefix("process 3 (") && found.text.contains("pid \(victim)"))
      #expect(found.text.contains("computed other bits than most processes: "))
      #expect(found.text.contains("student"))
      #expect(try home.checkpoints("moths").list().map(\.step) == [saved.step])
    }
  }
}
