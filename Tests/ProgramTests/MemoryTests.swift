import Foundation
import Testing

extension Commands {
  /// `dinod plan`, compared with the memory that a run takes.
  @Suite final class MemoryTests {
    let home = Sandbox()

    /// A model so large that the engine takes more memory than the program.
    private static let middling = [
      "student.embed_dim=192", "student.depth=4", "student.num_heads=3", "student.patch_size=8",
      "crops.global_crops_size=64", "crops.local_crops_size=32", "crops.local_crops_number=4",
      "train.batch_size_per_gpu=24", "dino.head_n_prototypes=8192", "ibot.head_n_prototypes=8192",
      "dino.head_hidden_dim=512", "ibot.head_hidden_dim=512", "train.centering=sinkhorn_knopp",
      "probe.every=3",
    ]

    private func plan(_ changes: [String], _ options: String...) throws -> Program.Ending {
      let file = try home.write(SmallRecipe.text, to: "recipe.yaml")
      return try home.dinod(
        ["plan", file] + options + changes.flatMap { ["--set", $0] }
      ).wait()
    }

    private func figures(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Returns the most bytes that a process has had in memory.
    private func peak(of pid: Int32) throws -> Int {
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) }) << 10
    }

    @Test(
      "what dinod plan says is within six percent of what a run takes", arguments: ["fp32", "auto"])
    func planned(_ precision: String) throws {
      let changes = Self.middling + ["train.compute_precision=\(precision)"]
      let planned = try plan(changes, "--json")
      #expect(planned.code == 0, "\(planned)")
      let total = try #require(try figures(planned.output)["total_bytes"] as? Int)
      let daemon = try home.train("run", changes)
      try home.waitForStep(4, of: "run", daemon)
      let taken = try peak(of: daemon.pid)
      #expect(abs(Double(taken) / Double(total) - 1) < 0.06, "\(taken) against \(total)")
    }

    @Test("the lines of dinod plan add up")
    func table() throws {
      let found = try plan(Self.middling)
      #expect(found.code == 0 && found.errors.isEmpty)
      let rows = found.output.split(separator: "\n").map {
        $0.split(separator: " ", omittingEmptySubsequences: true)
      }
      func mebibytes(_ row: [Substring]) -> Double? {
        row.firstIndex { Double($0) != nil }.flatMap { Double(row[$0]) }
      }
      let arena = try #require(rows.firstIndex { $0.starts(with: ["the", "engine's", "arena"]) })
      let all = try #require(rows.firstIndex { $0.first == "total" })
      func sum(_ range: Range<Int>) -> Double {
        range.compactMap { mebibytes(rows[$0]) }.reduce(0, +)
      }
      #expect(abs(sum(2..<arena) - mebibytes(rows[arena])!) < 1)
      #expect(abs(sum(arena..<all) - mebibytes(rows[all])!) < 1)
      #expect(found.output.contains("\noptimiser's moments ") && rows.count > all + 1)
      let json = try figures(try plan(Self.middling, "--json").output)
      let bytes = try #require(json["bytes"] as? [String: Int])
      #expect(bytes.values.reduce(0, +) == json["total_bytes"] as? Int)
      #expect(json["fits"] as? Bool == true && json["available_bytes"] as? Int != nil)
    }

    @Test("the disk that is foretold is what a run takes, and the time is that of its steps")
    func diskAndTime() throws {
      let changes =
        Self.middling + [
          "session.checkpoint_every=2", "session.checkpoint_keep=2", "train.batch_size_per_gpu=4",
        ]
      let json = try figures(try plan(changes, "--json").output)
      let (each, count) = (json["checkpoint_bytes"] as? Int, json["checkpoints"] as? Int)
      #expect(count == 4 && json["seconds"] == nil)
      let daemon = try home.train("run", changes)
      try home.waitForStep(11, of: "run", daemon)
      #expect(home.ask("run", .stop)?.outcome == .applied)
      _ = try daemon.wait()
      let timing = try figures(try plan(changes, "--time", "--json").output)
      let foretold = try #require(
        (timing["phases"] as? [[String: Any]])?.first?["step_seconds"] as? Double)
      let rows = try home.dino("metrics", "run", "--only", "time_step").output.split(
        separator: "\n")
      let taken = rows.compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }.sorted()
      let ratio = foretold / taken[taken.count / 2]
      #expect(ratio > 0.4 && ratio < 2.5, "\(foretold) s of \(taken)")
      let list = try home.dino("checkpoints", "run", "--json").output
      let kept = try #require(
        try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]])
      #expect(!kept.isEmpty && kept.count <= count!)
      let bytes = try #require(kept[0]["bytes"] as? Int)
      #expect(abs(Double(bytes) / Double(each!) - 1) < 0.02, "\(bytes) against \(each!)")
      let two = ["phases=[{name: low}, {name: high, steps: 10, crops: {global_crops_size: 60}}]"]
      let timed = try figures(try plan(two, "--time", "--json").output)
      let phases = try #require(timed["phases"] as? [[String: Any]])
      let parts = phases.compactMap { phase in
        (phase["step_seconds"] as? Double).flatMap { each in
          (phase["steps"] as? Int).map { each * Double($0) }
        }
      }
      let whole = try #require(timed["seconds"] as? Double)
      #expect(parts.count == 2 && abs(parts.reduce(0, +) - whole) < 1e-6, "\(timed)")
      #expect(whole > 0.01 && whole < 100)
      #expect(try plan(two, "--time").output.contains("  without the probe\n"))
      #expect(try plan(["train.world=2"], "--time", "--processes", "2").code == 2)
    }

    @Test("of several phases the one that takes the most is planned, and the others are named")
    func phases() throws {
      let two = ["phases=[{name: low}, {name: high, crops: {global_crops_size: 60}}]"]
      let found = try plan(two)
      #expect(found.code == 0 && found.output.contains("thread, phase high\n"), "\(found)")
      #expect(found.output.contains("\ntotal, phase low "), "\(found)")
      let json = try figures(try plan(two, "--json").output)
      let phases = try #require(json["phases"] as? [[String: Any]])
      #expect(phases.map { $0["name"] as? String } == ["low", "high"])
      #expect(phases[1]["total_bytes"] as? Int == json["total_bytes"] as? Int)
      let one = try figures(try plan(two + ["phases=[]"], "--json").output)
      // The memory of the program itself varies slightly.
      let low = try #require(phases[0]["total_bytes"] as? Int)
      #expect(abs(low - (try #require(one["total_bytes"] as? Int))) < 1 << 20)
    }

    @Test("dinod plan takes a precision, and refuses what is none")
    func precision() throws {
      let exact = try figures(try plan(Self.middling, "--json", "--precision", "fp32").output)
      #expect(exact["precision"] as? String == "fp32")
      let wrong = try plan([], "--precision", "fp8")
      #expect(wrong.code == 2 && wrong.errorLines.count == 1 && wrong.output.isEmpty)
      #expect(wrong.errors.contains("auto, bf16 or fp32"))
    }

    /// Needs more memory than any machine that trains on its processor has, with a small model.
    private static let enormous = ["train.batch_size_per_gpu=1024", "crops.global_crops_size=4080"]

    @Test("a run that does not fit is refused in one line before its folder is touched")
    func refused() throws {
      let planned = try plan(Self.enormous)
      #expect(planned.code == 1 && planned.errorLines.count == 1)
      #expect(planned.output.contains("\ntotal "))
      #expect(planned.errors.contains("the run needs ") && planned.errors.contains(" GiB"))
      #expect(planned.errors.contains("with --set "))
      let training = try home.train("large", Self.enormous).wait()
      #expect(training.code == 1 && training.output.isEmpty)
      #expect(training.errorLines.count == 1 && training.errors.contains("the run needs "))
      #expect(!FileManager.default.fileExists(atPath: home.run("large").path))
    }

    @Test("a run that has begun is refused without being told to change its recipe")
    func begun() throws {
      try home.trainToTheEnd("begun", ["optim.epochs=1"])
      let before = try FileManager.default.contentsOfDirectory(atPath: home.run("begun").path)
      let training = try home.train("begun", Self.enormous).wait()
      #expect(training.code == 1 && training.errorLines.count == 1)
      #expect(training.errors.contains("free some") && !training.errors.contains("--set"))
      let after = try FileManager.default.contentsOfDirectory(atPath: home.run("begun").path)
      #expect(Set(before) == Set(after))
    }
  }
}
