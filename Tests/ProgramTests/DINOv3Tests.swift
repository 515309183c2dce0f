import Foundation
import History
import Store
import Testing

extension Commands {
  /// Backbones of DINOv3 that `Tests/Reference/dinov3_features.py` made with transformers 5.24: they are computed as
  /// there, and teach.
  @Suite final class DINOv3Tests {
    let home = Sandbox()
    private let fixtures =
      Bundle.module.resourceURL!.appendingPathComponent("Fixtures/dinov3").path

    /// The features of a fixture's pixels, CLS and patches.
    private func features(_ weights: String, _ pixels: String) throws -> SafetensorsFile {
      let out = home.path + "/\(UUID().uuidString).safetensors"
      let ending = try home.dinod([
        "embed", fixtures + "/" + weights, fixtures + "/\(pixels).safetensors", "--to", out,
        "--tokens", "both", "--precision", "fp32",
      ]).wait()
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      return try SafetensorsFile(path: out)
    }

    @Test(
      "features are transformers', of a square and of another grid, MLP and SwiGLU",
      arguments: ["mlp", "gated"], ["square", "wide"])
    func same(_ kind: String, _ pixels: String) throws {
      let recorded = try SafetensorsFile(path: fixtures + "/features.safetensors")
      // The names of Meta's code, where biases of keys are masked, mean the same.
      for weights in [kind, kind + ".pth"] {
        let found = try features(weights, pixels)
        for tokens in ["cls", "patches"] {
          let expected = try recorded.floats("\(kind).\(pixels).\(tokens)")
          let values = try found.floats(tokens)
          #expect(values.count == expected.count)
          let largest = expected.map { abs($0) }.max()!
          let farthest = zip(values, expected).map { abs($0 - $1) }.max()!
          #expect(farthest / largest < 1e-5, "\(weights), \(pixels), \(tokens)")
        }
      }
    }

    /// A folder with the weights and their licence.
    private func teacher() throws -> String {
      let folder = home.path + "/dinov3-small"
      try FileManager.default.copyItem(atPath: fixtures + "/mlp", toPath: folder)
      try """
      ---
      license: other
      license_name: dinov3-license
      license_link: https://example.org/dinov3-license
      ---
      # A model
      """.write(toFile: folder + "/README.md", atomically: true, encoding: .utf8)
      return folder
    }

    @Test(
      "a student learns from them on its own grid of patches, goes on after a kill, and its card names their licence"
    )
    func distillation() throws {
      let weights = try teacher()
      // Patches of 4 pixels teach patches of 6.
      let changes = ["distillation.teacher=\(weights)", "student.embed_dim=16", "optim.epochs=3"]
      let plan = try home.dinod(
        ["plan", try home.write(SmallRecipe.text, to: "recipe.yaml")]
          + changes.flatMap { ["--set", $0] }
      ).wait()
      #expect(plan.code == 0 && plan.errors.isEmpty, "\(plan)")
      try home.trainToTheEnd("unbroken", changes)
      let daemon = try home.train("silk", changes)
      try home.waitForStep(60, of: "silk", daemon)
      try daemon.killAtOnce()
      // The copy in the run's folder is enough.
      try FileManager.default.removeItem(atPath: weights)
      try home.trainToTheEnd("silk", changes)
      let ends = try ["unbroken", "silk"].map {
        try Data(
          contentsOf: URL(
            fileURLWithPath: try #require(try home.checkpoints($0).list().last)
              .file("average.safetensors")))
      }
      let isSame = ends[0] == ends[1]
      #expect(isSame)
      let record = try HistoryReader(directory: home.run("silk")).record()
      let (first, last) = (try #require(record.samples.first), try #require(record.samples.last))
      #expect(try #require(last[.ibotLoss]) < 0.95 * #require(first[.ibotLoss]))
      #expect(record.evaluations.last?.values[.knnTeacher] != nil)
      let export = try home.dinod(
        "export", "silk", "--format", "huggingface", "--to", home.path + "/silk"
      ).wait()
      #expect(export.code == 0, "\(export)")
      let card = try String(contentsOfFile: home.path + "/silk/README.md", encoding: .utf8)
      #expect(
        card.hasPrefix(
          "---\nlicense: other\nlicense_name: dinov3-license\n"
            + "license_link: https://example.org/dinov3-license\n"))
      #expect(card.contains("Distilled from dinov3-small, whose licence is dinov3-license"))
    }

    @Test("what cannot be done with them is refused in one line that says what can")
    func refused() throws {
      let weights = fixtures + "/gated"
      for (words, text) in [
        (
          ["export", weights, "--format", "timm", "--to", home.path + "/out"], "nothing to convert"
        ),
        (["import", weights, "--to", home.path + "/out"], "nothing to convert"),
      ] {
        let ending = try home.dinod(words).wait()
        #expect(ending.code != 0 && ending.errors.contains(text), "\(ending)")
        #expect(ending.errors.contains("dino distill"))
      }
      for (changes, text) in [
        (["student.pretrained_weights=\(weights)"], "nothing to begin a run with"),
        (["distillation.teacher=\(weights)", "objective.kind=dinov2"], "set objective.kind to"),
        (
          ["distillation.teacher=\(weights)", "crops.global_crops_size=18"],
          "set crops.global_crops_size to a multiple of 12"
        ),
      ] {
        let ending = try home.train("silk", changes).wait()
        #expect(ending.code != 0 && ending.errors.contains(text), "\(ending)")
        #expect(ending.errors.split(separator: "\n").count <= 3)
        #expect(!FileManager.default.fileExists(atPath: home.run("silk").path))
      }
    }
  }
}
