import Foundation
import Images
import Store
import Testing

extension Commands {
  /// Wrong input to `dinod embed`, `eval` and `pca` gives one clear line each time.
  @Suite final class EmbeddingInputTests {
    let home = Sandbox()

    struct Mistake: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let words: [String]
      let hints: [String]

      /// - Parameters:
      ///   - words, hints: HOME stands for the sandbox and RUN for the name of a run.
      init(_ description: String, _ words: String, _ hints: String...) {
        testDescription = description
        self.words = words.split(separator: " ").map(String.init)
        self.hints = hints
      }
    }

    static let mistakes = [
      Mistake(
        "a precision that is none", "embed RUN HOME/a.png --to HOME/x.npy --precision fp8",
        "auto, bf16 or fp32"),
      Mistake(
        "an evaluation's precision that is none", "eval knn RUN HOME/a.png --precision half",
        "auto, bf16 or fp32"),
      Mistake("no output", "embed RUN HOME/a.png", "--to FILE"),
      Mistake(
        "an ending that is none", "embed RUN HOME/a.png --to HOME/x.pt", ".safetensors or .npy"),
      Mistake(
        "an output that is there", "embed RUN HOME/a.png --to HOME/there.npy", "already exists"),
      Mistake(
        "an output in no folder", "embed RUN HOME/a.png --to HOME/none/x.npy", "HOME/none/x.npy",
        "No such file"),
      Mistake(
        "two arrays in an .npy", "embed RUN HOME/a.png --to HOME/x.npy --tokens both",
        "--tokens cls or patches"),
      Mistake("tokens that are none", "embed RUN HOME/a.png --to HOME/x.npy --tokens all", "both"),
      Mistake(
        "a size between patches", "embed RUN HOME/a.png --to HOME/x.npy --size 25", "size 25",
        "the patch size 6", "the nearest is 24"),
      Mistake(
        "a size of another form", "embed RUN HOME/a.png --to HOME/x.npy --size 24x24x3",
        "518x392"),
      Mistake(
        "a side that does not hold the view",
        "embed RUN HOME/a.png --to HOME/x.npy --size 24 --resize 12", "--resize takes 24"),
      Mistake("no images", "embed RUN HOME/empty --to HOME/x.npy", "no JPEG, PNG"),
      Mistake("an image that is not there", "embed RUN HOME/b.png --to HOME/x.npy", "HOME/b.png"),
      Mistake(
        "weights that are none", "embed HOME/text.safetensors HOME/a.png --to HOME/x.npy",
        "HOME/text.safetensors"),
      Mistake(
        "a picture for weights", "embed HOME/a.png HOME/a.png --to HOME/x.npy", "HOME/a.png"),
      Mistake(
        "pixels of another form", "embed RUN HOME/flat.safetensors --to HOME/x.npy",
        "flat.safetensors", "[n, 3, H, W]"),
      Mistake(
        "pixels and a size", "embed RUN HOME/flat.safetensors --to HOME/x.npy --size 24",
        "--size has no effect"),
      Mistake(
        "no batch", "embed RUN HOME/a.png --to HOME/x.npy --batch 0", "--batch takes a whole number"
      ),
      Mistake("no method", "eval svm RUN HOME/classes", "knn or linear"),
      Mistake("no classes", "eval knn RUN HOME/flat", "no classes", "--labels"),
      Mistake(
        "labels for missing files", "eval knn RUN HOME/classes --labels HOME/missing.csv",
        "HOME/missing.csv:2", "there is no file c/9.png"),
      Mistake(
        "a table that is not there", "eval knn RUN HOME/classes --labels HOME/none.csv",
        "HOME/none.csv: no such file"),
      Mistake(
        "classes that nothing was learned of", "eval knn RUN HOME/classes HOME/other",
        "its classes z"),
      Mistake(
        "an option of the other method", "eval knn RUN HOME/classes --iterations 5",
        "--iterations applies only to eval linear"),
      Mistake(
        "a seed where nothing is random", "eval knn RUN HOME/classes --seed 5",
        "--seed applies only to eval linear"),
      Mistake(
        "neighbours that are none", "eval knn RUN HOME/classes --k 0,5", "--k takes whole numbers"),
      Mistake(
        "features for nowhere", "eval knn RUN HOME/classes --features", "--features needs --to"),
      Mistake(
        "a file for a folder", "eval knn RUN HOME/classes --to HOME/a.png", "HOME/a.png"),
      Mistake("pictures for nowhere", "pca RUN HOME/a.png", "--to DIR"),
      Mistake(
        "patches of more than memory",
        "pca RUN HOME/classes --to HOME/p --size 2046x2046 --batch 1",
        "fewer images or a smaller --size"),
    ]

    @Test("mistakes are refused in one line, and nothing is written")
    func mistakes() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1", "probe.every=0"])
      try prepare()
      let before = try FileManager.default.contentsOfDirectory(atPath: home.path).count
      for mistake in Self.mistakes {
        let words = mistake.words.flatMap { word in
          word == "RUN" ? ["moths", "--dir", home.runs] : [inHome(word)]
        }
        let ending = try home.dinod(words).wait()
        #expect(ending.code == 1 || ending.code == 2, "\(mistake): \(ending)")
        #expect(ending.errorLines.count == 1 && ending.output.isEmpty, "\(mistake): \(ending)")
        #expect(ending.errors.hasPrefix("dinod: "))
        for hint in mistake.hints {
          #expect(ending.errors.contains(inHome(hint)), "\(mistake): \(ending)")
        }
      }
      // The output of every program in a sandbox goes to two files there.
      let after = try FileManager.default.contentsOfDirectory(atPath: home.path)
      #expect(after.count == before + 2 * Self.mistakes.count)
      #expect(!after.contains { $0.contains("partial") || $0.hasPrefix("x.") })
    }

    private func inHome(_ text: String) -> String { text.replacing("HOME", with: home.path) }

    private func prepare() throws {
      for name in ["a.png", "flat/a.png"]
        + (0..<1200).map({ "classes/\($0 % 2 == 0 ? "c" : "d")/\(1000 + $0).png" })
        + ["other/c/1.png", "other/z/1.png"]
      {
        let path = try home.write("", to: name)
        try RGBImage(width: 8, height: 8, pixels: [UInt8](repeating: 90, count: 192))
          .writePNG(path: path)
      }
      try home.write("x", to: "there.npy")
      try home.write("no weights", to: "text.safetensors")
      try home.write("c/1000.png,x\nc/9.png,y\n", to: "missing.csv")
      try FileManager.default.createDirectory(
        atPath: home.path + "/empty", withIntermediateDirectories: true)
      try SafetensorsWriter.write(
        [.floats("pixels", [2, 6], [Float](repeating: 0, count: 12))],
        to: home.path + "/flat.safetensors")
    }
  }
}
