import Foundation
import Store
import Testing

extension Commands {
  /// Runs on images with other channels than red, green and blue of 8 bits.
  @Suite final class ChannelTests {
    let home = Sandbox()

    /// Writes grey files of 16 bits in two classes, whose numbers lie between 2000 and 2255.
    private func images(_ name: String = "scans") throws -> String {
      for kind in 0..<2 {
        for number in 0..<12 {
          var bytes = Array("P5\n28 28\n65535\n".utf8)
          for pixel in 0..<28 * 28 {
            let wave = kind == 0 ? pixel % 28 : pixel / 28
            let value = 2000 + (wave * 37 + number * 11) % 256
            bytes += [UInt8(value >> 8), UInt8(value & 255)]
          }
          let path = try home.write("", to: "\(name)/kind\(kind)/\(number).pgm")
          try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
      }
      return home.path + "/" + name
    }

    private func changes(_ path: String) -> [String] {
      [
        "data.path=\(path)", "data.channels=1", "data.range_min=2000", "data.range_max=2255",
        "optim.epochs=1", "probe.every=2", "probe.k=3",
      ]
    }

    private func features(_ weights: [String], _ images: String) throws -> [Float] {
      let out = home.path + "/\(UUID().uuidString).safetensors"
      // The whole image: its centre is cropped otherwise for weights of transformers.
      let ending = try home.dinod(
        ["embed"] + weights + [images, "--to", out, "--size", "24", "--resize", "24"]
      ).wait()
      #expect(ending.code == 0, "\(ending)")
      return try SafetensorsFile(path: out).floats("cls")
    }

    @Test("a run on grey of 16 bits uses all of them, and so do its exports in every format")
    func grey() throws {
      let images = try images()
      let ending = try home.trainToTheEnd("scans", changes(images))
      #expect(ending.code == 0, "\(ending)")
      let run = ["scans", "--dir", home.runs]
      let expected = try features(run, images)
      // Images that differ only in the lower 8 bits have features that differ.
      #expect(Set(expected.map(\.bitPattern)).count > expected.count / 4)
      for format in ["huggingface", "timm", "dinov2", "safetensors"] {
        let folder = home.path + "/" + format
        let export = try home.dinod(["export"] + run + ["--format", format, "--to", folder]).wait()
        #expect(export.code == 0, "\(export)")
        #expect(try features([folder], images) == expected, "\(format)")
        let card = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
        #expect(card.contains("2000.0 to 2255.0 become 0 to 1"), "\(format)")
      }
    }

    @Test("what is measured of images is what a recipe takes")
    func statistics() throws {
      let images = try images()
      let ending = try home.dinod([
        "statistics", images, "--channels", "1", "--percentiles", "0,100",
      ]).wait()
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending)")
      #expect(ending.output.contains("range_min: [2000]"), "\(ending)")
      #expect(ending.output.contains("range_max: [2255]"), "\(ending)")
      let recipe = try home.write(
        ending.output + "  path: scans\n", to: "measured.yaml")
      let read = try home.dinod(["recipe", recipe]).wait()
      #expect(read.code == 0 && read.output.contains("channels: 1"), "\(read)")
    }

    @Test("a run says what it leaves out, and why files of other channels cannot be read")
    func words() throws {
      let images = try images()
      try home.trainToTheEnd("plain", ["data.path=\(images)", "optim.epochs=1"])
      let texts = try home.events("plain").map(\.text)
      #expect(
        texts.contains { $0.contains("has 1 channel of 16 bits, and the network is given 3") })
      let program = try home.train(
        "four", changes(images) + ["data.channels=4", "data.mean=0.5", "data.std=0.5"])
      let ending = try program.wait()
      #expect(
        ending.code != 0 && ending.errors.contains("it has 1 channel, and data.channels is 4"))
    }
  }
}
