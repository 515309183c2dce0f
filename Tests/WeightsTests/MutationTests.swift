import Store
import Support
import TestSupport
import Testing
import Weights

@Suite("Damaged statements about weights", .serialized)
struct MutationTests {
  @Test("damaged statements are followed or refused in one line")
  func statements() throws {
    let folder = TemporaryFolder()
    let path = Sample.plain.write(to: folder)
    let files = [
      ("config.json", "{\(StatementTests.whole), \"model_args\": {\"num_heads\": 3}}"),
      (
        "preprocessor_config.json",
        #"{"size": {"shortest_edge": 40}, "crop_size": [36, 36], "rescale_factor": 0.003, "#
          + #""image_mean": 0.5, "image_std": [1, 2, 3], "resample": 3}"#
      ),
    ]
    for (name, text) in files { folder.write(text, to: name) }
    let problems = Mutations.problems(
      "statements", files.map { Array($0.1.utf8) }, as: .text, megabytes: 64, accepted: 0.03...0.95
    ) { bytes, number in
      // The versions are of both files in turns; the other file is sound.
      let (name, text) = files[number % 2]
      folder.overwrite(name, with: bytes)
      defer { folder.overwrite(name, with: Array(text.utf8)) }
      let weights = try BackboneWeights.read(path)
      let view = weights.preprocessing
      #expect((view.mean + view.std).allSatisfy { Float($0).isFinite }, "\(number)")
      #expect(weights.shape.numHeads == 3, "\(number)")
    }
    #expect(problems == [])
  }

  @Test("damaged statements of a licence name one in short lines, or none")
  func licences() throws {
    let folder = TemporaryFolder()
    try SafetensorsWriter.write(
      Sample.plain.tensors.map { .floats($0.name, $0.shape, $0.values) },
      metadata: ["num_heads": "3"], to: folder.file("model.safetensors"))
    let files = [
      (
        "README.md",
        "---\nlicense: other\nlicense_name: dinov3-license\nlicense_link: https://a.b/c\n---\n# X\n"
      ), ("LICENSE.md", "# DINOv3 License\n\nText of it\n"),
    ]
    for (name, text) in files { folder.write(text, to: name) }
    let problems = Mutations.problems(
      "licences", files.map { Array($0.1.utf8) }, as: .text, megabytes: 64, accepted: 0.9...1
    ) { bytes, number in
      let (name, text) = files[number % 2]
      folder.overwrite(name, with: bytes)
      defer { folder.overwrite(name, with: Array(text.utf8)) }
      let lines = try WeightsInput.open(folder.path).origin()?.licence?.lines ?? []
      let isShort = lines.allSatisfy { $0.utf8.count < 1000 && !$0.contains(where: \.isNewline) }
      #expect(isShort, "\(number)")
    }
    #expect(problems == [])
  }
}
