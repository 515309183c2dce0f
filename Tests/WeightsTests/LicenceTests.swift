import Store
import Support
import TestSupport
import Testing
import Weights

@Suite("Licences of the origin of weights")
struct LicenceTests {
  let folder = TemporaryFolder()

  /// The model card of weights in a folder with these files.
  private func card(_ files: [String: String]) throws -> String {
    for (name, text) in files { folder.write(text, to: name) }
    try SafetensorsWriter.write(
      Sample.plain.tensors.map { .floats($0.name, $0.shape, $0.values) },
      metadata: ["num_heads": "3"], to: folder.file("model.safetensors"))
    let input = try WeightsInput.open(folder.path)
    let out = folder.file("out")
    try WeightsExport(input, withHeads: false).write(.safetensors, to: out)
    return try FileInput.text(of: out + "/README.md", limit: 1 << 20)
  }

  @Test(
    "are taken from a model card, a LICENSE or a configuration, in this order",
    arguments: [
      (
        [
          "README.md":
            "---\nlicense: other\nlicense_name: dinov3-license\nlicense_link: https://a.b/c\n---\n",
          "LICENSE": "Another",
        ],
        "license: other\nlicense_name: dinov3-license\nlicense_link: https://a.b/c\n",
        "whose licence is dinov3-license (https://a.b/c)"
      ),
      (
        ["README.md": "---\ntags:\n- x\n---\n", "LICENSE.md": "\n# My: own License\nText"],
        "license: other\nlicense_name: \"My: own License\"\n", "whose licence is My: own License"
      ),
      (
        ["config.json": "{\"license\": \"apache-2.0\"}"], "license: apache-2.0\n",
        "whose licence is apache-2.0"
      ),
    ])
  func found(files: [String: String], header: String, text: String) throws {
    let card = try card(files)
    #expect(card.hasPrefix("---\n" + header), "\(card.prefix(200))")
    #expect(card.contains("## Licence\n\nMade of \(FilePath.name(of: folder.path)), \(text)"))
    // The card of the card has it, too.
    let again = try WeightsInput.open(folder.file("out"))
    try WeightsExport(again, withHeads: false).write(.dinov2, to: folder.file("again"))
    let second = try FileInput.text(of: folder.file("again/README.md"), limit: 1 << 20)
    #expect(second.hasPrefix("---\n" + header), "\(second.prefix(200))")
  }

  @Test("that are not there, or no short line, are not named")
  func none() throws {
    let long = String(repeating: "x", count: 400)
    let card = try card(["README.md": "license: mit\n", "LICENSE": long + "\n"])
    #expect(!card.contains("license") && !card.contains("Licence"))
  }
}
