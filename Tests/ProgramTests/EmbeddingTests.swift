import Foundation
import Images
import Store
import Testing

extension Commands {
  /// `dinod embed`, `eval` and `pca` on the weights of a run.
  @Suite final class EmbeddingTests {
    let home = Sandbox()

    init() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1", "probe.every=0"])
      for (name, colour) in [("ants", [220, 40, 30]), ("bees", [20, 50, 230])] {
        for number in 0..<12 {
          try paint("images/\(name)/\(number).png", colour.map { UInt8($0 + number) })
        }
      }
    }

    private var images: String { home.path + "/images" }
    private var run: [String] { ["moths", "--dir", home.runs] }

    /// Writes a picture of one colour.
    @discardableResult
    private func paint(_ name: String, _ colour: [UInt8]) throws -> String {
      let path = try home.write("", to: name)
      let pixels = (0..<30 * 26).flatMap { _ in colour }
      try RGBImage(width: 30, height: 26, pixels: pixels).writePNG(path: path)
      return path
    }

    private func dinod(_ words: [String]) throws -> Program.Ending {
      try home.dinod(words).wait()
    }

    @Test("features of a folder are those of its pixels, whatever the batch")
    func folder() throws {
      let out = home.path + "/a.safetensors"
      let first = try dinod(
        ["embed"] + run + [images, "--to", out, "--tokens", "both", "--batch", "5"])
      #expect(first.code == 0 && first.errors.isEmpty, "\(first)")
      let file = try SafetensorsFile(path: out)
      #expect(file["cls"]?.shape == [24, 32] && file["patches"]?.shape == [24, 16, 32])
      let names = try JSONDecoder().decode(
        [String].self, from: Data(try #require(file.metadata["files"]).utf8))
      #expect(names.count == 24 && names.first == images + "/ants/0.png")
      #expect(file.metadata["size"] == "24x24")

      // The features are the same if the pixels are prepared here.
      var pixels: [Float] = []
      for name in names {
        let view = try decode(path: name).evaluationView(resize: 27, crop: 24)
        var planes = [Float](repeating: 0, count: 3 * 24 * 24)
        planes.withUnsafeMutableBufferPointer {
          view.normalised(
            mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], into: $0)
        }
        pixels += planes
      }
      let prepared = home.path + "/pixels.safetensors"
      try SafetensorsWriter.write([.floats("pixels", [24, 3, 24, 24], pixels)], to: prepared)
      let again = home.path + "/b.safetensors"
      let second = try dinod(["embed"] + run + [prepared, "--to", again, "--tokens", "cls"])
      #expect(second.code == 0, "\(second)")
      #expect(try SafetensorsFile(path: again).floats("cls") == file.floats("cls"))

      let numpy = home.path + "/c.npy"
      let third = try dinod(["embed"] + run + [images, "--to", numpy, "--size", "30x18"])
      #expect(third.code == 0, "\(third)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: numpy)).count == 128 + 24 * 32 * 4)
      #expect(FileManager.default.fileExists(atPath: numpy + ".files.json"))
    }

    @Test("features are scored without labels, and too few images are told")
    func quality() throws {
      let found = try dinod(["quality"] + run + [images])
      #expect(found.code == 0, "\(found)")
      #expect(found.output.hasPrefix("24 images, CLS tokens of 32\n"))
      for name in ["RankMe", "alpha", "NESum", "stable rank", "coding rate"] {
        #expect(found.output.contains("\n  \(name) "), "\(found.output)")
      }
      #expect(found.errors.contains("24 images are few for features of 32"))
      let json = try dinod(["quality", "--json"] + run + [images])
      let scores = try #require(
        JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(scores["images"] as? Int == 24 && scores["width"] as? Int == 32)
      let rank = try #require(scores["rank_me"] as? Double)
      #expect(rank >= 1 && rank <= 24)
      let none = try dinod(["quality"] + run + [home.path + "/none"])
      #expect(none.code == 1 && none.errorLines.count == 1, "\(none)")
    }

    @Test("damaged images are named and passed over: empty, no image, far too large")
    func damaged() throws {
      let odd = home.path + "/odd"
      try paint("odd/a.png", [1, 2, 3])
      try home.write("", to: "odd/empty.png")
      try home.write("no picture", to: "odd/text.jpg")
      try Data(hugePNG(60_000)).write(to: URL(fileURLWithPath: odd + "/huge.png"))
      let out = home.path + "/odd.safetensors"
      // The file claims 10.8 GB of pixels.
      let ending = try home.start(
        ["/bin/sh", "-c", "ulimit -v 4000000; exec \"$@\"", "sh", Sandbox.programs + "/dinod"]
          + ["embed"] + run + [odd, "--to", out]
      ).wait()
      #expect(ending.code == 0, "\(ending)")
      #expect(
        ending.errorLines.count == 4 && ending.errorLines.last == "3 of 4 images were skipped")
      #expect(ending.errors.contains("skipped \(odd)/empty.png: the file is empty"))
      #expect(ending.errors.contains("skipped \(odd)/huge.png: too large: 60000 × 60000 pixels"))
      #expect(ending.errors.contains("skipped \(odd)/text.jpg: not JPEG, PNG"))
      #expect(try SafetensorsFile(path: out)["cls"]?.shape == [1, 32])

      try FileManager.default.removeItem(atPath: odd + "/a.png")
      let none = try dinod(["embed"] + run + [odd, "--to", home.path + "/none.npy"])
      #expect(none.code == 1 && none.errorLines.count == 1, "\(none)")
      #expect(none.errors.hasPrefix("dinod: none of the 3 images can be read; the first: "))
      #expect(!FileManager.default.fileExists(atPath: home.path + "/none.npy"))
    }

    /// Returns a PNG file that claims `side` × `side` pixels and contains none.
    private func hugePNG(_ side: UInt32) -> [UInt8] {
      let sides = [side, side].flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
      return [0x89] + Array("PNG\r\n\u{1A}\n".utf8)
        + chunk("IHDR", sides + [8, 2, 0, 0, 0]) + chunk("IDAT", [])
    }

    private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + data
      var checksum = UInt32.max
      for byte in body {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
      func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
      return bytes(UInt32(data.count)) + body + bytes(~checksum)
    }

    @Test("k-NN and linear classifiers tell red from blue, and say so in every form")
    func evaluation() throws {
      for (method, options) in [("knn", ["--k", "3"]), ("linear", ["--iterations", "40"])] {
        let folder = home.path + "/" + method
        let words = ["eval", method] + run + [images, "--json", "--to", folder] + options
        let ending = try dinod(words + ["--features"])
        #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
        let report = try JSONDecoder().decode(Report.self, from: Data(ending.output.utf8))
        // Three ants and a bee have hashes in the lowest tenth.
        #expect(report.heldOut && report.train.images == 20 && report.test.images == 4)
        #expect(report.results[report.chosen].accuracy == 1)
        #expect(report.results[report.chosen].low > 0.3 && report.confusion == [[3, 0], [0, 1]])
        #expect(report.results.count == (method == "knn" ? 1 : 26))
        var files = ["confusion.svg", "features.safetensors", "predictions.csv", "report.json"]
        if method == "linear" { files.insert("classifier.safetensors", at: 0) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == files)
        let table = try String(contentsOfFile: folder + "/predictions.csv", encoding: .utf8)
        #expect(table.contains("/images/bees/") && table.contains(",bees,bees\n"))
        let again = try dinod(words)
        #expect(again.code == 1 && again.errors.contains("report.json: already exists"))
      }
    }

    private struct Report: Decodable {
      struct Part: Decodable { let images: Int }
      struct Result: Decodable { let accuracy, low: Double }
      let heldOut: Bool
      let train, test: Part
      let results: [Result]
      let chosen: Int
      let confusion: [[Int]]

      enum CodingKeys: String, CodingKey {
        case train, test, results, chosen, confusion
        case heldOut = "held_out"
      }
    }

    @Test("labels may stand in a table, and test images in a folder of their own")
    func table() throws {
      let rows = (0..<6).flatMap { ["ants/\($0).png,red", "bees/\($0).png,blue"] }
      let table = try home.write("file,label\n" + rows.joined(separator: "\n"), to: "train.csv")
      let others = (6..<12).flatMap { ["ants/\($0).png,red", "bees/\($0).png,blue"] }
      let tests = try home.write(others.joined(separator: "\n"), to: "test.csv")
      let ending = try dinod(
        ["eval", "knn"] + run + [images, images, "--labels", table, "--test-labels", tests])
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      #expect(ending.output.contains("12 training images, 12 other test images, 2 classes"))
      #expect(ending.output.contains("k-NN, k = 20: 100.00 %"))
    }

    @Test("features are judged in the precision that is asked for, and the report says which")
    func precision() throws {
      for (options, expected) in [([], "fp32"), (["--precision", "bf16"], "bf16")] {
        let ending = try dinod(["eval", "knn"] + run + [images, "--json"] + options)
        #expect(ending.code == 0, "\(ending)")
        // A processor without bfloat16 says that it computes in fp32.
        let isFallback = ending.errors.contains("cannot multiply in bfloat16")
        #expect(
          ending.output.contains(
            "\"compute_precision\" : \"\(isFallback ? "fp32" : expected)\""), "\(ending)")
        #expect(ending.output.contains("\"accuracy\" : 1"))
      }
    }

    @Test("components of patches are drawn for each image, beside it, and on a sheet")
    func components() throws {
      let pictures = try (0..<2).map { number in
        // A bright square on a dark ground.
        let pixels = (0..<30 * 30).flatMap { place -> [UInt8] in
          let (y, x) = (place / 30, place % 30)
          return (10..<20).contains(y) && (10..<20).contains(x)
            ? [250, UInt8(20 * x - 180), UInt8(20 * y - 180)] : [10, 10, UInt8(10 + number)]
        }
        let path = try home.write("", to: "square\(number).png")
        try RGBImage(width: 30, height: 30, pixels: pixels).writePNG(path: path)
        return path
      }
      let out = home.path + "/pca"
      let words = ["pca"] + run + pictures + ["--to", out, "--size", "30", "--resize", "30"]
      let ending = try dinod(words)
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: out).sorted() == [
          "1-square0.beside.png", "1-square0.pca.png", "2-square1.beside.png",
          "2-square1.pca.png", "sheet.png",
        ])
      let painted = try decode(path: out + "/1-square0.pca.png")
      #expect(painted.width == 30 && painted.height == 30)
      #expect(try decode(path: out + "/sheet.png").width == 120)
      #expect(try dinod(words).errors.contains("sheet.png: already exists"))
    }
  }
}
