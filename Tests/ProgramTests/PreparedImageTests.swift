import Support
import Foundation
import Store
import Testing

extension Commands {
  /// Features of a picture by a model of transformers, prepared as its `preprocessor_config.json`
  /// says. `Tests/Reference/prepared_images.py` recorded them with transformers 5.24.
  @Suite final class PreparedImageTests {
    let home = Sandbox()
    private let fixtures = Bundle.module.resourceURL!.appendingPathComponent("Fixtures").path

    /// The configurations by their names.
    private func configurations() throws -> [String: Any] {
      let data = try Data(contentsOf: URL(fileURLWithPath: fixtures + "/preprocessors.json"))
      return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Copies the model, whose weights are in two files, with a configuration of its images.
    private func model(_ name: String, _ configuration: Any) throws -> String {
      let folder = home.path + "/" + name
      try FileManager.default.copyItem(atPath: fixtures + "/model", toPath: folder)
      try JSONSerialization.data(withJSONObject: configuration)
        .write(to: URL(fileURLWithPath: folder + "/preprocessor_config.json"))
      return folder
    }

    /// Returns the tokens of the last block: CLS and the patches.
    private func tokens(_ model: String) throws -> [Float] {
      let out = model + ".safetensors"
      let ending = try home.dinod([
        "embed", model, fixtures + "/picture.png", "--to", out, "--tokens", "both",
        "--precision", "fp32",
      ]).wait()
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      let file = try SafetensorsFile(path: out)
      return try file.floats("cls") + file.floats("patches")
    }

    @Test("features are transformers' for every form of a view, also after export and import")
    func features() throws {
      let recorded = try SafetensorsFile(path: fixtures + "/features.safetensors")
      for (name, configuration) in try configurations() {
        let folder = try model(name, configuration)
        let expected = try recorded.floats(name)
        let read = try tokens(folder)
        #expect(read.count == expected.count, "\(name)")
        let farthest = zip(read, expected).map { abs($0 - $1) }.max() ?? 1
        #expect(farthest < 1e-4, "\(name)")
        let imported = folder + "-imported"
        let ending = try home.dinod(["import", folder, "--to", imported]).wait()
        #expect(ending.code == 0, "\(ending)")
        #expect(try tokens(imported) == read, "\(name)")
      }
    }
  }
}
