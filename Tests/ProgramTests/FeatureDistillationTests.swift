import Foundation
import History
import Run
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  /// Weights without heads teach by their features.
  @Suite final class FeatureDistillationTests {
    let home = Sandbox()
    private var random = SplitMix(seed: 33)
    private let student = ["student.embed_dim=16", "optim.epochs=3"]

    /// The weights of a run without its heads, as released backbones are.
    private func backbone() throws -> String {
      try home.trainToTheEnd("moths", ["optim.epochs=3"])
      let there = home.path + "/backbone"
      let export = try home.dinod("export", "moths", "--format", "huggingface", "--to", there)
        .wait()
      try #require(export.code == 0, "\(export)")
      return there
    }

    @Test("dino distill of weights without heads takes their features by itself, and says so")
    func byItself() throws {
      let weights = try backbone()
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let plan = try home.dinod(
        ["plan", recipe, "--set", "distillation.teacher=\(weights)"]
          + student.flatMap { ["--set", $0] }
      ).wait()
      #expect(plan.code == 0 && plan.errors.isEmpty, "\(plan)")
      let ending = try home.dino(
        ["distill", weights, "--recipe", recipe, "--name", "silk"]
          + student.flatMap { ["--set", $0] })
      #expect(ending.code == 0, "\(ending)")
      #expect(
        ending.output.contains("learns from the features of")
          || ending.output.contains("has already ended"), "\(ending)")
      try eventually("the child has finished") {
        (try? HistoryReader(directory: home.run("silk")).lastStatus().state) == .finished
          && home.holder(of: "silk") == nil
      }
      let kept = try String(contentsOfFile: home.run("silk").recipe, encoding: .utf8)
      #expect(kept.contains("kind: features") && kept.contains("local_crops_number: 0"))
      #expect(
        try home.events("silk").contains {
          $0.kind == "teacher"
            && $0.text.contains("its features of the same crops are the targets")
        })
      try expectFigures("silk")
      let export = try home.dinod(
        "export", "silk", "--format", "safetensors", "--to", home.path + "/silk"
      ).wait()
      #expect(export.code == 0 && export.output.contains("16 wide"), "\(export)")
      let card = try String(contentsOfFile: home.path + "/silk/README.md", encoding: .utf8)
      #expect(card.contains("from the features of a frozen teacher"))
    }

    /// The student comes closer to its teacher, in CLS and in patches, and there are no figures of prototypes.
    private func expectFigures(_ name: String) throws {
      let record = try HistoryReader(directory: home.run(name)).record()
      let (first, last) = (try #require(record.samples.first), try #require(record.samples.last))
      #expect(
        try #require(last[.dinoGlobalCropsLoss]) < 0.9 * #require(first[.dinoGlobalCropsLoss]))
      #expect(try #require(last[.ibotLoss]) < 0.9 * #require(first[.ibotLoss]))
      let measured = record.samples.filter { $0[.agreement] != nil }
      #expect(try #require(measured.last?[.agreement]) > #require(measured.first?[.agreement]))
      #expect(last[.klCls] == nil && last[.teacherEntropy] == nil)
      #expect(record.evaluations.last?.values[.knnTeacher] != nil)
    }

    @Test("killed at random moments, it ends with the weights of an unbroken one")
    func killed() throws {
      let changes = ["distillation.teacher=\(try backbone())"] + student
      try home.trainToTheEnd("unbroken", changes)
      for target in (0..<4).map({ _ in Int.random(in: 1..<110, using: &random) }).sorted() {
        let daemon = try home.train("broken", changes)
        try home.waitForStep(target, of: "broken", daemon)
        usleep(UInt32.random(in: 0...8000, using: &random))
        try daemon.killAtOnce()
      }
      // The weights are no longer needed, nor is the recipe's file asked what they are.
      try FileManager.default.removeItem(atPath: home.path + "/backbone")
      try home.trainToTheEnd("broken", changes)
      let ends = try ["unbroken", "broken"].map {
        try #require(try home.checkpoints($0).list().last)
      }
      for name in ["student.safetensors", "average.safetensors", "optimizer.safetensors"] {
        let files = try ends.map { try Data(contentsOf: URL(fileURLWithPath: $0.file(name))) }
        #expect(files[0] == files[1], "\(name)")
      }
    }

    @Test("a run that is begun anew with another objective takes its teacher's heads again")
    func anew() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let changes = ["distillation.teacher=moths", "student.embed_dim=16", "optim.epochs=1"]
      try home.trainToTheEnd(
        "silk", changes + ["objective.kind=features", "crops.local_crops_number=0"])
      let recipe = try String(contentsOfFile: home.run("silk").recipe, encoding: .utf8)
      // A recipe that chooses features itself has their other settings, too.
      #expect(
        recipe.contains(/koleo_loss_weight: 0(?![.0-9])/) && recipe.contains("head_nlayers: 1"))
      let again = try home.train("silk", changes, options: ["--begin-anew"]).wait()
      #expect(again.code == 0, "\(again)")
      #expect(
        try String(contentsOfFile: home.run("silk").recipe, encoding: .utf8)
          .contains("kind: dinov2"))
    }

    @Test("a branch keeps the teacher whose features have been averaged")
    func branch() throws {
      let weights = try backbone()
      try home.trainToTheEnd("silk", ["distillation.teacher=\(weights)"] + student)
      let ending = try home.dinod(
        "train", "--branch-of", "silk", "--at", "40", "--name", "twig", "--set",
        "distillation.teacher=moths"
      ).wait()
      #expect(ending.code != 0 && ending.errors.contains("distillation.teacher"), "\(ending)")
      #expect(!FileManager.default.fileExists(atPath: home.run("twig").path))
    }

    @Test("what does not go together is refused in one line")
    func refused() throws {
      let weights = try backbone()
      for (changes, text) in [
        (["objective.kind=dinov2"], "set objective.kind to features"),
        (["objective.kind=features"], "set it to 0"),
        (["objective.kind=coding_rate"], "set it to dinov2 or features"),
        (
          ["student.patch_size=4", "crops.global_crops_size=20"],
          "set crops.global_crops_size to a multiple of 12, or student.patch_size to 6"
        ),
        (["optim.freeze_blocks=1"], "to freeze all, set optim.freeze_backbone to true"),
      ] {
        let ending = try home.train("silk", ["distillation.teacher=\(weights)"] + changes).wait()
        #expect(ending.code != 0 && ending.errors.contains(text), "\(ending)")
        #expect(ending.errors.split(separator: "\n").count <= 3)
        #expect(!FileManager.default.fileExists(atPath: home.run("silk").path))
      }
      let alone = try home.train("silk", ["objective.kind=features"]).wait()
      #expect(alone.code != 0 && alone.errors.contains("name it with distillation.teacher"))
    }
  }
}
