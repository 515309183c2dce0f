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
    private var world: [String] {
      [
        "train.world=4", "optim.epochs=4", "train.batch_size_per_gpu=2",
        "session.checkpoint_every=1000", "probe.every=40",
      ]
    }

    init() {
      home.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      home.environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }

    private func train(
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

    @Test(
      "hosts and links that make no sense are refused in one line",
      arguments: [
        (["train", "--hosts", "elsewhere,b"], "--hosts: the first host must be this one"),
        (["train", "--hosts", "localhost:0"], "--hosts: 'localhost:0' is no host"),
        (["train", "--hosts", "localhost:2,"], "--hosts: '' is no host"),
        (
          ["train", "--hosts", "localhost:2", "--processes", "3"],
          "--hosts: 2 places, but --processes is 3"
        ),
        (["plan", "--processes", "2", "--link", "10"], "--link: '10' is no link"),
        (["plan", "--processes", "2", "--link", "1gbit,5"], "--link: '1gbit,5' is no link"),
        (["plan", "--link", "1gbit"], "--link needs --processes"),
        (["plan", "--processes", "2", "--gflops", "9"], "--gflops needs --link"),
      ])
    func nonsense(_ words: [String], _ problem: String) throws {
      let file = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let ending = try home.dinod(
        [words[0], file, "--set", "train.world=4"] + words.dropFirst()
      ).wait()
      #expect(ending.code == 2)
      #expect(ending.errors.hasPrefix("dinod: \(problem)"), "\(ending.errors)")
      #expect(ending.errors.split(separator: "\n").count == 1)
    }

    @Test("a plan foretells time by a step that it measures, or by a rate")
    func plan() throws {
      struct Plan: Decodable {
        struct Way: Decodable {
          var sentBytes: Int
          var stepSeconds, waitSeconds, efficiency: Double
        }
        var processes: [Way]
      }
      func ways(_ options: String...) throws -> [Plan.Way] {
        let file = try home.write(SmallRecipe.text, to: "recipe.yaml")
        let words = ["plan", file, "--set", "train.world=4", "--processes", "4", "--json"]
        let ending = try home.dinod(words + options).wait()
        try #require(ending.code == 0, "\(ending)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Plan.self, from: Data(ending.output.utf8)).processes
      }
      let measured = try ways("--link", "1gbit,50us")
      #expect(measured.count == 6)
      #expect(measured.allSatisfy { $0.waitSeconds < $0.stepSeconds && $0.efficiency < 1 })
      let slow = try ways("--link", "1mbit", "--gflops", "10")
      for (way, other) in zip(slow, measured) {
        #expect(way.sentBytes == other.sentBytes)
        #expect(way.stepSeconds > Double(way.sentBytes) / 125_000)
      }
    }

    @Test("a recorded step shows all processes, what they computed and what they sent")
    func trace() throws {
      struct Trace: Decodable {
        struct Event: Decodable {
          struct Arguments: Decodable { var bytes: Int? }
          var name, ph: String
          var cat: String?
          var dur: Double?
          var pid, tid: Int
          var args: Arguments?
        }
        var traceEvents: [Event]
      }
      let file = home.path + "/trace.json"
      let supervisor = try home.train(
        "moths", world + ["train.sharding_strategy=FULL_SHARD"],
        options: ["--processes", "2", "--trace", file])
      #expect(try supervisor.wait().code == 0)
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let spans = try JSONDecoder().decode(Trace.self, from: data).traceEvents.filter {
        $0.ph == "X"
      }
      for process in 0...1 {
        let own = spans.filter { $0.pid == process }
        let phases = Set(own.filter { $0.tid == 0 }.compactMap(\.cat))
        #expect(phases.isSuperset(of: ["teacher", "student", "backward", "optimiser"]))
        let sent = own.filter { $0.tid == 1 }
        #expect(sent.contains { $0.name == "reduce dino_head" && $0.args!.bytes! > 0 })
        #expect(sent.contains { $0.name == "gather backbone.blocks.0" })
      }
      #expect(try home.events("moths").contains { $0.kind == "trace" && $0.text.contains(file) })
    }

    @Test("a number of processes that cannot share the ranks is refused in one line")
    func refusal() throws {
      let ending = try train("moths", processes: 3).wait()
      #expect(ending.code == 1)
      #expect(
        ending.errors.contains(
          "train.world: 4 ranks can be shared by 1, 2, 4 processes, not by 3"))
      #expect(!FileManager.default.fileExists(atPath: home.run("moths").path))
    }
  }
}
