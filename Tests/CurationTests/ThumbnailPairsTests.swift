import Images
import Support
import Tensor
import TestSupport
import Testing

import Curation

@Suite("Copies by their thumbnails")
struct ThumbnailPairsTests {
  /// Coarse colours at random, which are different for each number.
  private func picture(_ number: Int) -> RGBImage {
    var random = CounterRandom(seed: 3, use: .test, number)
    let pixels = (0..<8 * 8 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    return RGBImage(width: 8, height: 8, pixels: pixels).resized(toWidth: 32, toHeight: 32)
  }

  /// A pool of such pictures, and of one with little red and less contrast than another.
  private func pool(_ count: Int) throws -> TestPool {
    let test = TestPool()
    for number in 0..<count { try test.add(picture(number), "\(number).png") }
    var tinted = picture(7)
    for at in tinted.pixels.indices {
      let value = 60 + Int(tinted.pixels[at]) / 2
      tinted.pixels[at] = UInt8(at % 3 == 0 ? value / 2 : value)
    }
    try test.add(tinted, "tinted.png")
    return test
  }

  private static let keys = """
    filter: {min_side: 8, min_entropy: 0}
    duplicates: {thumbnails: true, parts: false, hash_distance: 0, hash_correlation: 1}

    """

  @Test("a picture of other colours and contrast is found among many, not among few, if asked for")
  func tinted() throws {
    let test = try pool(ThumbnailPairs.fewest - 1)
    func pairs(_ keys: String) throws -> [LikePair] {
      try test.curate(keys, until: .duplicates).pairs(of: .duplicates).filter {
        $0.rule == "thumbnails"
      }
    }
    let best = try #require(try pairs(Self.keys).last)
    let catalogue = try test.curate(Self.keys, until: .duplicates)
    let files = try [best.a, best.b].map { try catalogue.image($0)!.file }
    #expect(Set(files) == ["7.png", "tinted.png"])
    #expect(
      try catalogue.verdicts(of: .duplicates).contains { [best.a, best.b].contains($0.image) })
    #expect(try pairs(Self.keys.replacing("thumbnails: true", with: "thumbnails: false")).isEmpty)
    try FileSystem.removeFile(test.folder.file("heap/3.png"))
    #expect(try pairs(Self.keys).isEmpty)
  }
}
