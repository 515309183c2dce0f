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
}
