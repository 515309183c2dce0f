import Foundation
import Store
import Testing

extension Commands {
  /// `dinod descriptor`, and what takes its weights.
  @Suite final class DescriptorTests {
    let home = Sandbox()
    private let small = [
      "--batch": "4", "--size": "16", "--patch": "8", "--width": "32", "--depth": "1",
    ]

    init() throws {
      let ending = try home.dinod([
        "images", try home.write("data: {embedded_size: 32}\n", to: "r.yaml"), "--to",
        home.path + "/heap", "--count", "12",
      ]).wait()
      try #require(ending.code == 0, "\(ending)")
    }

    private func train(_ name: String, _ options: [String: String]) throws -> Program.Ending {
      try home.dinod(
        ["descriptor", home.path + "/heap", "--to", home.path + "/" + name]
          + small.merging(options) { $1 }.flatMap { [$0, $1] }
      ).wait()
    }

    @Test("so many steps give the same weights again, and a curation finds copies by them")
    func weights() throws {
      for name in ["one", "two"] {
        let ending = try train(name, ["--steps": "5"])
        #expect(ending.code == 0 && ending.output.contains("after 5 steps"), "\(ending)")
      }
      let files = ["one", "two"].map { home.path + "/\($0)/model.safetensors" }
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: files[0]))
          == Data(contentsOf: URL(fileURLWithPath: files[1])))
      let plan = try home.write(
        "index: {sources: [heap]}\nfilter: {min_side: 8}\nembed: {weights: ./one}\n"
          + "duplicates: {features: true, parts: false, threshold: 0.9}\n", to: "heap.yaml")
      let ending = try home.dinod(["curate", plan, "--set", "pool.name=copies"]).wait()
      #expect(ending.code == 0 && ending.output.contains("12 images with features"), "\(ending)")
    }

    @Test("what cannot be trained is refused in a line, and no folder is left")
    func refusals() throws {
      let cases = [
        (["--batch": "7"], "12 images are too few for batches of 7"),
        (["--patch": "5"], "--size 16 is not a multiple of --patch 5"),
        (["--width": "40"], "--width takes a multiple of 32, not '40'"),
        (["--steps": "3", "--minutes": "1"], "cannot be used together"),
      ]
      for (options, words) in cases {
        let ending = try train("refused", options)
        #expect(ending.code != 0 && ending.errors.contains(words), "\(ending)")
        #expect(ending.errorLines.count <= 2, "\(ending)")
      }
      #expect(!FileManager.default.fileExists(atPath: home.path + "/refused"))
    }
  }
}
