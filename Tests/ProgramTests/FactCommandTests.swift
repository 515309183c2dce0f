import Foundation
import Images
import Testing

extension Commands {
  /// The commands of `dinod` that compute or print facts without training.
  @Suite final class FactCommandTests {
    let home = Sandbox()

    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    private static let golden = checkout + "/Tests/VerifyTests/Fixtures/goldens/untied-mlp"
    private static let large = checkout + "/Tests/RecipeTests/Fixtures/vitl14.yaml"

    private func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("dinod verify prints a row for each comparison and ends with 0 where all agree")
    func verify() throws {
      let found = try home.dinod("verify", Self.golden).wait()
      #expect(found.code == 0 && found.errors.isEmpty)
      let rows = found.output.split(separator: "\n")
      for step in 0..<3 {
        for name in ["losses: step \(step) koleo_loss", "gradient norms: step \(step) ibot_head"] {
          #expect(rows.contains { $0.contains(name) && $0.hasSuffix("agrees") })
        }
      }
      for name in ["gradients: student", "parameters: teacher", "rectangular features: cls"] {
        #expect(rows.contains { $0.contains(name) && $0.contains("agrees  worst at ") })
      }
      #expect(rows.last?.hasPrefix("agrees: all ") == true)
    }

    @Test("dinod images writes what a recipe sees, a folder a class, and never over what is there")
    func images() throws {
      let there = home.path + "/textures"
      let recipe = Self.checkout + "/sessions/quickstart.yaml"
      let options = ["--of", "queries", "--count", "40", "--to", there]
      let found = try home.dinod(["images", recipe] + options).wait()
      #expect(found.code == 0 && found.output == "40 images in \(there)\n", "\(found)")
      let classes = try FileManager.default.contentsOfDirectory(atPath: there)
      let files = try classes.flatMap { name in
        try FileManager.default.contentsOfDirectory(atPath: "\(there)/\(name)")
          .map { "\(there)/\(name)/\($0)" }
      }
      #expect(files.count == 40 && classes.count > 5 && classes.contains("maze"))
      for file in files.prefix(3) {
        let image = try decode(path: file)
        #expect(image.width == 64 && image.height == 64)
      }
      let again = try home.dinod(["images", recipe] + options).wait()
      #expect(again.code != 0 && again.errorLines.count == 1, "\(again)")
      for (words, says) in [([], "--to DIR"), (["--to", there, "--of", "all"], "train, bank or")] {
        let ending = try home.dinod(["images", recipe] + words).wait()
        #expect(ending.code == 2 && ending.errors.contains(says), "\(ending)")
      }
    }

    @Test(
      "dinod images --crops writes what the student is given: crops side by side, masks in blue")
    func crops() throws {
      let recipe = Self.checkout + "/sessions/quickstart.yaml"
      let there = home.path + "/crops"
      let words = ["images", recipe, "--crops", "--count", "8", "--to", there]
      let found = try home.dinod(words + ["--set", "data.grey_probability=0"]).wait()
      #expect(found.code == 0 && found.output == "crops of 8 images in \(there)\n", "\(found)")
      var masked: [Int] = []
      for number in 0..<8 {
        let global = try decode(path: "\(there)/000\(number)-global.png")
        #expect(global.width == 2 * 36 + 2 && global.height == 36)
        let local = try decode(path: "\(there)/000\(number)-local.png")
        #expect(local.width == 6 * 18 - 2 && local.height == 16)
        let blue = stride(from: 0, to: global.pixels.count, by: 3).count {
          global.pixels[$0..<$0 + 3].elementsEqual([36, 56, 120])
        }
        // Whole patches of 4 × 4 pixels, up to half of a crop.
        #expect(blue <= 2 * 36 * 36 / 2 + 16)
        masked.append(blue / 16)
      }
      #expect(masked.reduce(0, +) >= 8 && Set(masked).count > 2, "each crop has a mask of its own")
      let of = try home.dinod(words + ["--of", "bank"]).wait()
      #expect(of.code == 2 && of.errors.contains("--of goes without --crops"))
    }

    @Test("dinod verify ends with 1 above the tolerance, and says where")
    func outOfTolerance() throws {
      let found = try home.dinod("verify", Self.golden, "--tolerance", "gradients=0").wait()
      #expect(found.code == 1 && found.errors.isEmpty)
      let last = found.output.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("DIFFERS: ") && last.contains("first at gradients: student backbone."))
      for wrong in ["x", "loss=1"] {
        let refused = try home.dinod("verify", Self.golden, "--tolerance", wrong).wait()
        #expect(refused.code == 2 && refused.errorLines.count == 1)
      }
    }

    @Test("dinod verify --json has every number; a case that is refused keeps no other back")
    func verifyJSON() throws {
      let found = try home.dinod(
        "verify", home.path + "/none", Self.golden, "--json", "--tolerance", "losses=1e-3"
      ).wait()
      #expect(found.code == 1 && found.errorLines.count == 1)
      #expect(found.errors.contains("/none/case.json: cannot be opened"))
      let reports = try #require(
        try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [[String: Any]])
      #expect(reports.count == 1 && reports[0]["agrees"] as? Bool == true)
      let comparisons = try #require(reports[0]["comparisons"] as? [[String: Any]])
      let losses = comparisons.filter { $0["family"] as? String == "losses" }
      #expect(losses.count == 15 && losses.allSatisfy { $0["tolerance"] as? Double == 1e-3 })
      #expect(losses.allSatisfy { $0["found"] is Double && $0["error"] is Double })
    }

    @Test("dinod recipe counts the parameters of a recipe, which nothing is allocated for")
    func recipe() throws {
      let found = try home.dinod("recipe", Self.large).wait()
      #expect(found.code == 0)
      let counts = "backbone 303655168, dino_head 57545088, ibot_head 40505600; total 401705856"
      #expect(found.output.contains("# parameters: \(counts)\n"))
      #expect(found.output.contains("# steps: 625000, of 32 images; "))
      // The output is a valid recipe.
      let resolved = try home.write(found.output, to: "resolved.yaml")
      let again = try home.dinod("recipe", resolved, "--json").wait()
      let facts = try object(again.output)
      #expect(facts["steps"] as? Int == 625_000)
      #expect((facts["parameters"] as? [String: Int])?["ibot_head"] == 40_505_600)
      let keys = try #require(facts["recipe"] as? [String: [String: Any]])
      #expect(keys["student"]?["arch"] as? String == "vit_large")
      let training = try home.dinod("train", resolved).wait()
      #expect(training.code == 1 && training.errorLines.count == 1)
      #expect(training.errors.contains("data.path: no images are given"))
    }

    @Test("dinod schedule tells each schedule at the steps where something changes")
    func schedule() throws {
      let found = try home.dinod("schedule", Self.large).wait()
      #expect(found.code == 0 && found.errors.isEmpty)
      let rows = found.output.split(separator: "\n").map { $0.split(separator: " ") }
      #expect(rows.contains { $0 == ["1251", "4.42e-07", "4.42e-07", "0.04", "0.994", "0.041"] })
      #expect(rows.contains { $0 == ["625000", "1.00e-06", "1.00e-06", "0.2", "1", "0.07"] })
      #expect(found.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("dinod schedule writes every step as CSV, some as JSON, and all curves as a picture")
    func scheduleFiles() throws {
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let csv = try home.dinod("schedule", recipe, "--csv").wait().output.split(separator: "\n")
      #expect(csv.count == 1 + SmallRecipe.steps)
      #expect(csv[0] == "step,lr,last_layer_lr,weight_decay,momentum_teacher,teacher_temp")
      let json = try object(
        try home.dinod("schedule", recipe, "--json", "--points", "0").wait().output)
      let lr = try #require(json["lr"] as? [Double])
      #expect(json["steps"] as? Int == SmallRecipe.steps && lr.count == SmallRecipe.steps)
      let written = try #require(Double(csv[8].split(separator: ",")[1]))
      #expect(abs(lr[7] - written) < 1e-15 && written > 0)
      let file = home.path + "/schedules.svg"
      #expect(try home.dinod("schedule", recipe, "--to", file).wait().code == 0)
      let picture = try String(contentsOfFile: file, encoding: .utf8)
      #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
      #expect(picture.components(separatedBy: "<polyline ").count == 1 + 5)
      #expect(!picture.contains("nan") && !picture.contains("inf"))
    }

    @Test(
      "dinod schedule refuses what it cannot do in one line",
      arguments: [
        ["--to", "x.png"], ["--points", "1"], ["--json", "--csv"], ["--points", "x"],
        ["--csv", "--set", "optim.epochs=1000000"],
      ])
    func refused(_ words: [String]) throws {
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let found = try home.dinod(["schedule", recipe] + words).wait()
      #expect(found.code != 0 && found.errorLines.count == 1 && found.output.isEmpty, "\(found)")
    }
  }
}
