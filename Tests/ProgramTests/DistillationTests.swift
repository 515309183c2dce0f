import Foundation
import History
import Run
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  /// The teacher of a run is frozen, and the students of another run learn from it.
  @Suite final class DistillationTests {
    let home = Sandbox()
    private var random = SplitMix(seed: 31)

    /// A student with half the teacher's width.
    private let student = ["student.embed_dim=16"]
    private let steps = 120

    func parent(_ changes: [String] = []) throws {
      try home.trainToTheEnd("moths", ["optim.epochs=3"] + changes)
    }

    func child(_ changes: [String] = []) -> [String] {
      ["distillation.teacher=moths", "optim.epochs=3"] + student + changes
    }

    private func tensors(_ path: String) throws -> [String: [UInt32]] {
      let file = try SafetensorsFile(path: path)
      return try Dictionary(
        uniqueKeysWithValues: file.tensors.map {
          ($0.name, try file.floats($0.name).map(\.bitPattern))
        })
    }

    func last(_ name: String) throws -> Checkpoint {
      try #require(try home.checkpoints(name).list().last)
    }

    /// Returns a run's copy of its frozen teacher.
    func kept(_ name: String) throws -> Checkpoint {
      let store = CheckpointStore(directory: home.run(name).path + "/teacher")
      let copies = try store.list()
      try #require(copies.count == 1)
      try copies[0].verify()
      return copies[0]
    }

    @Test("dino distill freezes a finished run's teacher, and its student is exported and embeds")
    func fromFinished() throws {
      try parent()
      let before = try last("moths").manifest.files
      let ending = try home.dino(
        ["distill", "moths", "--name", "silk"]
          + (student + ["optim.epochs=3"]).flatMap { ["--set", $0] })
      #expect(ending.code == 0 && ending.output.contains("silk"), "\(ending)")
      try eventually("the child has finished") {
        (try? HistoryReader(directory: home.run("silk")).lastStatus().state) == .finished
          && home.holder(of: "silk") == nil
      }
      let checkpoint = try last("silk")
      #expect(
        Set(checkpoint.manifest.files.map(\.name)) == [
          "student.safetensors", "average.safetensors", "optimizer.safetensors", "recipe.yaml",
          "journal.json", "norms.json",
        ])
      // The parent is unchanged, and the copy has the same bits.
      try last("moths").verify()
      #expect(try last("moths").manifest.files == before)
      #expect(
        try tensors(kept("silk").file("teacher.safetensors"))
          == tensors(last("moths").file("teacher.safetensors")))
      #expect(
        try home.run("silk").origin()
          == RunOrigin(run: "moths", step: 120, kind: RunOrigin.distillation))
      try expectFigures("silk")
      try expectUsable("silk", checkpoint)
    }

    /// The run has k-NN of student and teacher, their agreement, and no masks.
    private func expectFigures(_ name: String) throws {
      let record = try HistoryReader(directory: home.run(name)).record()
      let probe = try #require(record.evaluations.last)
      #expect(
        Set(probe.values.keys.filter { $0.group == .evaluation })
          == [.knnLearned, .knnTeacher, .knnUntrained, .knnRawPixels, .linearLearned])
      let parent = try HistoryReader(directory: home.run("moths")).record()
      #expect(probe.values[.knnTeacher] == parent.evaluations.last?.values[.knnLearned])
      let measured = record.samples.filter { $0[.klCls] != nil }
      #expect(measured.count == steps / 10)
      let (first, last) = (try #require(measured.first), try #require(measured.last))
      // The student comes closer to its teacher.
      #expect(try #require(last[.klCls]) < #require(first[.klCls]))
      #expect((0...1).contains(try #require(last[.prototypeAgreement])))
      #expect(last[.maskRatioMax] == nil && last[.agreement] == nil)
      #expect(record.status.phase.name == "distillation")
    }

    private func expectUsable(_ name: String, _ checkpoint: Checkpoint) throws {
      let there = home.path + "/export"
      let export = try home.dinod("export", name, "--format", "huggingface", "--to", there).wait()
      #expect(export.code == 0 && export.output.contains("16 wide"), "\(export)")
      let average = try tensors(checkpoint.file("average.safetensors"))
      let exported = try tensors(there + "/model.safetensors")
      #expect(exported["layernorm.bias"] == average["backbone.norm.bias"])
      let student = try tensors(checkpoint.file("student.safetensors"))
      #expect(exported["layernorm.bias"] != student["backbone.norm.bias"])
      let card = try String(contentsOfFile: there + "/README.md", encoding: .utf8)
      #expect(card.contains("distilled by Dino with") && card.contains("| its teacher |"))
      let teacher = try home.dinod(
        "export", name, "--which", "teacher", "--format", "timm", "--to", there + "2"
      ).wait()
      #expect(teacher.code == 1 && teacher.errors.contains("holds no teacher"), "\(teacher)")
      // The copy contains all that an export needs to know.
      let copy = try home.dinod(
        "export", kept(name).file("teacher.safetensors"), "--format", "timm", "--to", there + "3"
      ).wait()
      #expect(copy.code == 0 && copy.output.contains("32 wide"), "\(copy)")
    }

    @Test("killed at random moments, a distillation ends with the weights of an unbroken one")
    func killed() throws {
      try parent()
      try home.trainToTheEnd("unbroken", child())
      for _ in 0..<3 {
        let daemon = try home.train("broken", child())
        usleep(UInt32.random(in: 1000...150_000, using: &random))
        try daemon.killAtOnce()
      }
      for target in (0..<7).map({ _ in Int.random(in: 1..<steps - 10, using: &random) }).sorted() {
        let daemon = try home.train("broken", child())
        try home.waitForStep(target, of: "broken", daemon)
        usleep(UInt32.random(in: 0...8000, using: &random))
        try daemon.killAtOnce()
      }
      // The run of the teacher is no longer needed.
      try FileManager.default.removeItem(atPath: home.run("moths").path)
      try home.trainToTheEnd("broken", child())
      #expect(
        try home.weights("broken", step: steps) == home.weights("unbroken", step: steps))
      let records = try ["broken", "unbroken"].map {
        try HistoryReader(directory: home.run($0)).record()
      }
      #expect(
        records[0].samples.map { $0[.totalLoss] } == records[1].samples.map { $0[.totalLoss] })
      #expect(records[0].evaluations.map(\.values) == records[1].evaluations.map(\.values))
      let copies = try kept("broken").manifest.files
      #expect(try copies == kept("unbroken").manifest.files)
    }

    @Test("parent and child, trained side by side and each killed ten times, end as unbroken ones")
    func bothKilled() throws {
      let keep = ["session.checkpoint_keep=100"]
      try home.trainToTheEnd("whole", keep)
      let start = 40
      func silk(of teacher: String) -> [String] {
        child(["distillation.teacher=\(teacher)@\(start)", "optim.epochs=10"])
      }
      try home.trainToTheEnd("whole-silk", silk(of: "whole"))
      let first = try home.train("moths", keep)
      try home.waitForStep(start + 10, of: "moths", first)
      try first.killAtOnce()
      for _ in 0..<10 {
        var daemons = [
          "moths": try home.train("moths", keep), "silk": try home.train("silk", silk(of: "moths")),
        ]
        while let name = daemons.keys.randomElement(using: &random) {
          usleep(UInt32.random(in: 20_000...140_000, using: &random))
          try daemons.removeValue(forKey: name)!.killAtOnce()
        }
      }
      let (moths, silk) = (try home.train("moths", keep), try home.train("silk", silk(of: "moths")))
      for daemon in [moths, silk] { #expect(try daemon.wait().code == 0) }
      for name in ["moths", "silk"] {
        let whole = name == "moths" ? "whole" : "whole-silk"
        #expect(try home.weights(name, step: 400) == home.weights(whole, step: 400), "\(name)")
      }
    }

    @Test("a run that is being trained writes a checkpoint first, waits if asked, and ends as ever")
    func fromRunning() throws {
      // So long that the parent still trains while the child does. Checkpoints are written only on
      // request.
      let keys = [
        "optim.epochs=2500", "session.checkpoint_every=20000", "session.checkpoint_keep_best=0",
      ]
      let daemon = try home.train("moths", keys)
      try home.waitForStep(5, of: "moths", daemon)
      let ending = try home.dino(
        ["distill", "moths", "--pause-parent", "--set", "student.depth=2"])
      #expect(ending.code == 0 && ending.output.contains("moths-student learns from moths@"))
      #expect(home.ask("moths", .status)?.status?.state == .paused)
      let origin = try #require(try home.run("moths-student").origin())
      #expect(try home.checkpoints("moths").list().map(\.step) == [origin.step])
      #expect(origin.step >= 5)
      let again = try home.dino("distill", "moths", "--set", "student.depth=2")
      #expect(again.code == 1 && again.errors.contains("run 'moths-student' already exists"))
      #expect(try home.dino("stop", "moths-student").code == 0)
      #expect(try home.dino("resume", "moths").code == 0)
      // Both write a checkpoint at a later step, where they are compared.
      let step = try #require(home.ask("moths", .pause)?.step) - 1
      #expect(home.ask("moths", .checkpoint())?.outcome == .applied)
      try daemon.killAtOnce()
      let other = try home.train(
        "unbroken", ["optim.epochs=2500", "session.checkpoint_every=\(step)"])
      try home.waitForStep(step + 1, of: "unbroken", other)
      try other.killAtOnce()
      #expect(try home.weights("moths", step: step) == home.weights("unbroken", step: step))
    }

    @Test("a distillation enters a phase of higher resolution, killed or not, and can be branched")
    func phases() throws {
      try parent()
      let keys = child([
        "session.checkpoint_every=20", "session.checkpoint_keep=100",
        "phases=[{name: low}, {name: high, steps: 40, crops: {global_crops_size: 36}}]",
      ])
      try home.trainToTheEnd("unbroken", keys)
      for step in [steps - 1, steps, steps + 1, steps + 20] {
        let daemon = try home.train("broken", keys)
        try home.waitForStep(step, of: "broken", daemon)
        usleep(UInt32.random(in: 0...8000, using: &random))
        try daemon.killAtOnce()
      }
      try FileManager.default.removeItem(atPath: home.run("moths").path)
      try home.trainToTheEnd("broken", keys)
      let end = try home.weights("unbroken", step: steps + 40)
      #expect(try home.weights("broken", step: steps + 40) == end)
      // Student and average use the finer grid; the teacher is unchanged.
      for (file, shape) in [
        (try last("broken").file("average.safetensors"), [1, 37, 16]),
        (try kept("broken").file("teacher.safetensors"), [1, 17, 32]),
      ] {
        #expect(try SafetensorsFile(path: file).tensor("backbone.pos_embed").shape == shape)
      }
      let begun = try home.dino("branch", "unbroken", "--at", "140", "--name", "twig")
      #expect(begun.code == 0, "\(begun)")
      try eventually("the branch ends") { home.holder(of: "twig") == nil }
      // A branch that was interrupted between its teacher and its state can be created again.
      try FileManager.default.removeItem(atPath: home.run("twig").checkpoints)
      let again = try home.dino("branch", "unbroken", "--at", "140", "--name", "twig")
      #expect(again.code == 0, "\(again)")
      try eventually("the branch ends") { home.holder(of: "twig") == nil }
      #expect(try home.weights("twig", step: steps + 40) == end)
      #expect(
        try home.run("twig").origin()
          == RunOrigin(run: "unbroken", step: 140, kind: RunOrigin.branch))
      #expect(
        try kept("twig").manifest.files
          == kept("unbroken").manifest.files)
    }
  }
}
