import Foundation
import History
import Images
import Run
import Testing

extension Commands {
  /// A run whose probe classifies patches by masks.
  @Suite final class SegmentationTests {
    let home = Sandbox()

    /// Pictures that are red on one side of a place and blue on the other, and their masks.
    private func paint(_ count: Int) throws {
      for number in 0..<count {
        let border = 4 + number * 16 / count
        let sides = (0..<24 * 24).map { $0 % 24 < border }
        let picture = sides.enumerated().flatMap { at, isLeft in
          let noise = UInt8((at * (number + 3)) % 60)
          return isLeft ? [200, noise, noise] : [noise, noise, 200]
        }
        let mask = sides.flatMap { [UInt8](repeating: $0 ? 1 : 0, count: 3) }
        for (folder, pixels) in [("images", picture), ("masks", mask)] {
          try home.write("", to: "\(folder)/\(number).png")
          try RGBImage(width: 24, height: 24, pixels: pixels)
            .writePNG(path: "\(home.path)/\(folder)/\(number).png")
        }
      }
    }

    private var masks: String { "probe.masks_path=\(home.path)" }

    private func results() throws -> [ProbeResult] {
      try HistoryReader(directory: home.run("moths")).evaluations()
    }

    @Test("patches are classified by masks at each probe, and status and export tell it")
    func measured() throws {
      try paint(24)
      try home.trainToTheEnd("moths", ["optim.epochs=2", "probe.every=40", masks])
      let found = try results()
      #expect(found.map(\.step) == [0, 40, 80])
      for result in found {
        let value = try #require(result.values[.segmentationMIoU])
        #expect(value > 0.7 && value <= 1, "\(value)")
      }
      let status = try home.dino("status", "moths").output
      #expect(status.contains("mIoU of patches "), "\(status)")
      #expect(status.contains("linear classifier "), "\(status)")
    }

    @Test("masks that say nothing of the pictures lead to a low score")
    func meaningless() throws {
      try paint(24)
      for number in 0..<24 {
        var pixels: [UInt8] = []
        for at in 0..<24 * 24 {
          // The patches of a picture differ, and so do pictures.
          let patch: Int = at / 6 % 4 + at / 144 * 3
          let isOne: Bool = (patch + number * number * 5) % 7 >= 4
          pixels += isOne ? [1, 1, 1] : [0, 0, 0]
        }
        try RGBImage(width: 24, height: 24, pixels: pixels)
          .writePNG(path: "\(home.path)/masks/\(number).png")
      }
      try home.trainToTheEnd("moths", ["optim.epochs=1", masks])
      #expect(try results().allSatisfy { ($0.values[.segmentationMIoU] ?? 1) < 0.6 })
    }

    @Test("a run does not begin with masks that are missing or few, and goes on without them")
    func missing() throws {
      try paint(7)
      let few = try home.train("moths", [masks]).wait()
      #expect(few.code != 0 && few.errors.contains("has 7 images with masks; the probe needs 8"))
      try paint(9)
      try FileManager.default.removeItem(atPath: "\(home.path)/masks/3.png")
      let missing = try home.train("moths", [masks]).wait()
      #expect(missing.code != 0 && missing.errors.contains("masks/3.png: there is no mask of"))
      try paint(9)
      try Data("no picture".utf8).write(to: URL(fileURLWithPath: "\(home.path)/masks/3.png"))
      try home.trainToTheEnd("moths", ["optim.epochs=1", masks])
      let told = try home.events("moths").filter { $0.text.contains("no segmentation: ") }
      #expect(told.count == 1 && told[0].text.contains("masks/3.png"), "\(told)")
      #expect(try results().last?.values[.knnLearned] != nil)
    }
  }
}
