import Foundation
import Images
import Recipe
import Testing

extension Commands {
  /// A recipe for a folder of images, from what they and the machine are like.
  @Suite final class AdviseTests {
    let home = Sandbox()

    /// Images of 24 × 30 pixels; the first `copies` are all alike.
    private func paint(_ folder: String, count: Int, copies: Int = 0, isGrey: Bool = false) throws {
      for number in 0..<count {
        let path = try home.write("", to: "\(folder)/\(number).png")
        let seed = number < copies ? 1 : number + 2
        let pixels = (0..<24 * 30).flatMap { place -> [UInt8] in
          let value = UInt8(truncatingIfNeeded: (place / 24 * seed * 7) ^ (place % 24 * (seed + 5)))
          return isGrey ? [value, value, value] : [value, value / 2, 255 - value]
        }
        try RGBImage(width: 24, height: 30, pixels: pixels).writePNG(path: path)
      }
    }

    @Test("the recipe is written with reasons, is valid, trains, and says how long it takes")
    func writes() throws {
      try paint("images/ant", count: 40, copies: 30)
      try paint("images/bee", count: 40)
      let file = home.path + "/mine.yaml"
      let ending = try home.dinod(
        "advise", home.path + "/images", "--hours", "0.02", "--to", file, "--set",
        "student.depth=1", "--threads", "1"
      ).wait()
      #expect(ending.code == 0 && ending.output == file + "\n", "\(ending)")
      for part in [
        "80 images, 2 classes, shorter side 24 px", "of the images have a copy", "a second",
      ] {
        #expect(ending.errors.contains(part), "\(part): \(ending.errors)")
      }
      let recipe = try Recipe.read(file: file)
      #expect(recipe.notices.isEmpty && recipe.data.path == home.path + "/images")
      #expect(recipe.crops.globalCropsSize == 24 && recipe.student.depth == 1)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("depth: 1") && text.contains("# given"))
      // The length fills nine tenths of the time by the rate that it says, in whole epochs of 50 steps.
      let line = try #require(text.split(separator: "\n").first { $0.contains(" a second") })
      let words = line.split(separator: " ").map(String.init)
      let rate = try #require(words.firstIndex(of: "at").flatMap { Double(words[$0 + 1]) })
      let most = 0.9 * 0.02 * 3600 * rate
      #expect(
        recipe.totalSteps == 100 || abs(Double(recipe.totalSteps) - most + 25) < 27, "\(line)")
      let train = try home.dinod(
        "train", file, "--dir", home.runs, "--name", "moths", "--set", "optim.epochs=0.1", "--set",
        "optim.warmup_epochs=0"
      ).wait()
      #expect(train.code == 0, "\(train)")
      let again = try home.dinod("advise", home.path + "/images", "--to", file).wait()
      #expect(again.code == 2 && again.errors.contains("is there already"), "\(again)")
    }

    @Test("grey images lose no colour, and what is no image is said")
    func kinds() throws {
      try paint("grey", count: 12, isGrey: true)
      let grey = try home.dinod(
        "advise", home.path + "/grey", "--hours", "0.01", "--set", "student.depth=1"
      ).wait()
      #expect(grey.code == 0 && grey.output.contains("  hue: 0 "), "\(grey)")
      #expect(!grey.errors.contains("have a copy"))
      let missing = try home.dinod("advise", home.path + "/nothing").wait()
      #expect(missing.code == 1 && missing.errors.contains("nothing"), "\(missing)")
      _ = try home.write("not an image", to: "broken/a.png")
      let broken = try home.dinod("advise", home.path + "/broken").wait()
      #expect(broken.code == 1, "\(broken)")
    }
  }
}
