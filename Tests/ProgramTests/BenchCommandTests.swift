import Foundation
import Testing

extension Commands {
  /// `dinod bench`, which times parts of the program.
  @Suite final class BenchCommandTests {
    let home = Sandbox()

    private func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static let small = [
      "--arch", "vit_tiny", "--patch", "8", "--global-size", "32", "--local-size", "16",
      "--batch", "3", "--prototypes", "64", "--hidden", "32", "--drop-path", "0.4",
    ]

    @Test("dinod bench step --profile says where a step's time goes")
    func profile() throws {
      let words = ["bench", "step", "--profile", "--steps", "3"] + Self.small
      let figures = try object(try home.dinod(words + ["--json"]).wait().output)
      let kernels = try #require(figures["kernels"] as? [[String: Any]])
      let shares = kernels.compactMap { $0["step_share"] as? Double }
      let share = try #require(figures["kernel_share"] as? Double)
      #expect(shares.count == kernels.count && abs(shares.reduce(0, +) - share) < 0.01)
      #expect(share > 0.5 && share <= 1.001, "\(share)")
      let peak = try #require(figures["peak_share"] as? Double)
      #expect(peak > 0 && peak < 1)
      let found = try home.dinod(words).wait()
      #expect(found.code == 0 && found.output.contains("attentionBackward"), "\(found)")
      #expect(found.output.contains("% of it in kernels"))
      #expect(try home.dinod("bench", "kernels", "--profile").wait().code == 2)
    }

    @Test("dinod bench step gives the reference's figures, whatever is kept for the backward pass")
    func benchStep() throws {
      for options in [["--precision", "fp32"], ["--recompute"], ["--precision", "bf16"]] {
        let found = try home.dinod(
          ["bench", "step", "--json", "--steps", "2"] + Self.small + options
        )
        .wait()
        #expect(found.code == 0, "\(found)")
        let figures = try object(found.output)
        #expect(figures["arch"] as? String == "vit_tiny" && figures["batch"] as? Int == 3)
        let step = try #require(figures["step_s"] as? Double)
        let rate = try #require(figures["images_per_s"] as? Double)
        #expect(step > 0 && abs(rate * step - 3) < 0.3)
        let parts = ["teacher_s", "student_s", "backward_s", "optimiser_s"]
        #expect(abs(parts.reduce(0) { $0 + (figures[$1] as? Double ?? .nan) } - step) < 1e-3)
        #expect(try #require(figures["peak_rss_gib"] as? Double) > 0)
      }
    }

    @Test("dinod bench step times a single image, which KoLeo has no neighbour for")
    func benchOne() throws {
      let found = try home.dinod(
        ["bench", "step", "--json", "--steps", "1"]
          + Self.small
          .map { $0 == "3" ? "1" : $0 }
      ).wait()
      #expect(found.code == 0, "\(found)")
      #expect(try object(found.output)["batch"] as? Int == 1)
    }

    @Test("dinod bench kernels sets every product beside the peak")
    func benchKernels() throws {
      let found = try home.dinod(["bench", "kernels"] + Self.small).wait()
      #expect(found.code == 0 && found.output.hasPrefix("peak of the matrix units in "))
      for kernel in ["linear 192 to 576, backward", "attention", "prototypes", "AdamW"] {
        #expect(found.output.contains("\n\(kernel) "), "\(kernel)")
      }
    }

    @Test("dinod bench embed gives the fields of the reference for features")
    func benchEmbed() throws {
      for precision in ["fp32", "bf16"] {
        let found = try home.dinod(
          "bench", "embed", "--json", "--arch", "vit_tiny", "--patch", "8", "--size", "32",
          "--batch", "3", "--steps", "3", "--threads", "2", "--precision", precision
        ).wait()
        #expect(found.code == 0, "\(found)")
        let figures = try object(found.output)
        #expect(figures["size"] as? Int == 32 && figures["batch"] as? Int == 3)
        let step = try #require(figures["step_s"] as? Double)
        let rate = try #require(figures["images_per_s"] as? Double)
        #expect(step > 0 && abs(rate * step - 3) < 0.3)
        // 12 blocks of 192 channels and 17 tokens: matrix products of at least 0.18 GFLOP for each
        // image.
        let rateOfProducts = try #require(figures["gflops"] as? Double)
        #expect(abs(rateOfProducts * step / 3 - 0.184) < 0.02)
      }
    }

    @Test("dinod bench neighbours finds all pairs, those of inverted lists, and clusters")
    func benchNeighbours() throws {
      // Pairs of vectors at a cosine of 0.8, which are at right angles to all others.
      var values = [Float](repeating: 0, count: 64 * 32)
      for pair in 0..<32 {
        values[2 * pair * 32 + pair] = 1
        values[(2 * pair + 1) * 32 + pair] = 0.8
        values[(2 * pair + 1) * 32 + (pair + 1) % 32] = 0.6
      }
      let file = home.path + "/vectors.f32"
      try values.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: file))
      func figures(_ method: String, _ options: String...) throws -> [String: Any] {
        let found = try home.dinod(
          [
            "bench", "neighbours", "--json", "--vectors", file, "--dimension", "32", "--method",
            method,
          ]
            + options
        ).wait()
        #expect(found.code == 0, "\(found)")
        return try object(found.output)
      }
      #expect(try figures("graph", "--above", "0.7")["edges"] as? Int == 64)
      let lists = try figures("lists", "--above", "0.7", "--probes", "64")
      #expect(lists["edges"] as? Int == 64 && lists["recall"] as? Double == 1)
      let potentials = try #require(
        try figures("kmeans", "--clusters", "4", "--iterations", "3")["potentials"] as? [Double])
      #expect(potentials.count >= 2 && potentials.last! <= potentials[0])
    }

    @Test("what dinod bench cannot time is refused in one line")
    func benchMistakes() throws {
      for (words, hint) in [
        (["bench", "epoch"], "step, kernels, embed or neighbours"),
        (["bench", "neighbours", "--steps", "3"], "--steps has no effect in bench neighbours"),
        (["bench", "embed", "--above", "0.5"], "--above has no effect in bench embed"),
        (["bench", "neighbours", "--above", "2"], "a cosine from -1 to 1, not '2'"),
        (["bench", "neighbours", "--vectors", "/dev/null/x"], "/dev/null/x"),
        (["bench", "step", "--steps", "0"], "--steps"),
        (["bench", "step", "--precision", "fp8"], "auto, bf16, fp32"),
        (["bench", "step", "--arch", "vit_smal"], "vit_small"),
        (["bench", "step", "--global-size", "225"], "nearest: 224"),
        (["bench", "embed", "--size", "225"], "nearest: 224"),
        (["bench", "embed", "--recompute"], "--recompute has no effect in bench embed"),
        (["bench", "step", "--size", "224"], "--size has no effect in bench step"),
      ] {
        let found = try home.dinod(words).wait()
        #expect(found.code != 0 && found.output.isEmpty && found.errors.contains(hint), "\(found)")
        #expect(found.errors.split(separator: "\n").count == 1)
      }
    }
  }
}
