import Images
import KernelsCPU
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

  @Test("components of vectors vary equally, however unequally the thumbnails' do")
  func whitened() throws {
    // A common gradient that is more or less strong, and a little of each picture's own.
    let thumbnails = (0..<1000).map { number -> Thumbnail in
      var image = picture(number)
      for at in image.pixels.indices {
        let slope = (at / 96 - 16) * (number % 9 - 4)
        image.pixels[at] = UInt8(min(255, max(0, 128 + slope + Int(image.pixels[at]) / 8 - 16)))
      }
      return Thumbnail(of: image)
    }
    let workers = WorkerPool(threads: 2)
    defer { workers.stop() }
    let whitening = try WhitenedThumbnails(
      dimension: 16, of: thumbnails, kernels: CPUKernels(pool: workers, precision: .fp32))
    let vectors = thumbnails.map(whitening.vector)
    let variances = (0..<16).map { at in vectors.reduce(0) { $0 + $1[at] * $1[at] } / 1000 }
    #expect(variances.max()! < 6 * variances.min()!, "\(variances)")
  }

  @Test("pictures of one kind, which are all alike, are not copies of each other")
  func kind() throws {
    let test = try pool(ThumbnailPairs.fewest - 1)
    let common = picture(9000)
    for number in 0..<150 {
      var image = picture(10_000 + number)
      for at in image.pixels.indices {
        image.pixels[at] = UInt8((3 * Int(common.pixels[at]) + Int(image.pixels[at])) / 4)
      }
      try test.add(image, "kind\(number).png")
    }
    let catalogue = try test.curate(Self.keys, until: .duplicates)
    let dropped = try catalogue.verdicts(of: .duplicates).map {
      try catalogue.image($0.image)!.file
    }
    #expect(dropped.count == 1 && ["7.png", "tinted.png"].contains(dropped[0]), "\(dropped)")
  }

  private static let keys = """
    filter: {min_side: 8, min_entropy: 0}
    duplicates: {thumbnails: true, parts: false, hash_distance: 0, hash_correlation: 1}

    """

  @Test(
    "a part of a picture in other proportions is found, and agrees once it is laid on the picture")
  func stretched() throws {
    let test = try pool(ThumbnailPairs.fewest - 1)
    try test.add(
      picture(11).resizedCrop(left: 3, top: 1, width: 26, height: 28, toWidth: 32, toHeight: 32),
      "part.png")
    let catalogue = try test.curate(Self.keys, until: .duplicates)
    let found = try catalogue.pairs(of: .duplicates).filter { $0.rule == "thumbnails" }.map {
      pair in
      Set(try [pair.a, pair.b].map { try catalogue.image($0)!.file })
    }
    #expect(found.contains(["11.png", "part.png"]), "\(found)")
  }

  @Test("a picture of other colours and contrast is found among many, not among few, if asked for")
  func tinted() throws {
    let test = try pool(ThumbnailPairs.fewest - 1)
    func pairs(_ keys: String) throws -> [LikePair] {
      try test.curate(keys, until: .duplicates).pairs(of: .duplicates).filter {
        $0.rule == "thumbnails"
      }
    }
    let best = try #require(try pairs(Self.keys).last)
    // Hashes leave few pairs to be compared.
    let compared = test.observer.began.first { $0.stage == .duplicates && $0.what == "pairs" }
    #expect((0..<100).contains(compared?.total ?? 100), "\(compared?.total ?? 100)")
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
