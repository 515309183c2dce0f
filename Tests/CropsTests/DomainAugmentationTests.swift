import Crops
import Images
import Recipe
import Testing

/// Changes that make sense in some domains alone.
@Suite("Augmentation by domain")
struct DomainAugmentationTests {
  private var base: Recipe { .plain(images: 40, globalSize: 12, localSize: 12, locals: 1) }

  /// A square picture whose pixels all differ, and the same as samples.
  private let picture = RGBImage(width: 5, height: 5, pixels: (0..<75).map { UInt8($0 * 3) })
  private var samples: SampleImage {
    SampleImage(
      width: 5, height: 5,
      values: (0..<3).flatMap { channel in
        (0..<25).map { Float(picture.pixels[3 * $0 + channel]) / 255 }
      })
  }

  /// The first channel, row by row.
  private func rows(_ image: RGBImage) -> [[Int]] {
    (0..<5).map { y in (0..<5).map { x in Int(image.pixels[3 * (5 * y + x)]) / 9 } }
  }

  @Test("a quarter turn to the left brings the right column up; four turns are none")
  func turns() {
    var (turned, samples) = (picture, samples)
    let plain = rows(picture)
    turned.turn(quarters: 1)
    samples.turn(quarters: 1)
    #expect(rows(turned)[0] == plain.map { $0[4] })
    #expect(rows(turned).map { $0[0] } == plain[0].reversed())
    #expect((0..<25).allSatisfy { samples.values[$0] == Float(turned.pixels[3 * $0]) / 255 })
    turned.turn(quarters: 2)
    turned.turn(quarters: 1)
    #expect(turned == picture)
  }

  @Test("turned upside down, the last row is the first")
  func upsideDown() {
    var (turned, samples) = (picture, samples)
    turned.flipVertically()
    samples.flipVertically()
    #expect(rows(turned) == rows(picture).reversed())
    #expect(
      (0..<25).allSatisfy { samples.values[25 + $0] == Float(turned.pixels[3 * $0 + 1]) / 255 })
    var both = picture
    both.turn(quarters: 2)
    turned.flip()
    #expect(both == turned)
  }

  @Test("stains are shifted as scikit-image does in its space of HED")
  func stains() {
    // rgb2hed, a shift of haematoxylin, eosin and DAB, and hed2rgb.
    let cases: [(shift: SIMD3<Float>, expected: [Float])] = [
      ([0.03, -0.02, 0.04], [120.746, 86.135, 95.043, 60.373, 43.068, 83.163]),
      ([0.01, 0, -0.01], [170.794, 117.864, 171.206, 85.397, 58.932, 149.806]),
      ([-0.005, 0.02, 0.03], [165.11, 75.645, 114.609, 82.555, 37.823, 100.283]),
    ]
    for (shift, expected) in cases {
      let factors = HEDJitter.factors(shift)
      var image = RGBImage(width: 2, height: 1, pixels: [180, 120, 160, 90, 60, 140])
      image.changeColours(by: factors)
      #expect(image.pixels == expected.map { UInt8($0.rounded()) })
      var samples = SampleImage(
        width: 2, height: 1, values: [180, 90, 120, 60, 160, 140].map { $0 / 255 })
      samples.changeColours(by: factors)
      for (place, index) in [0, 2, 4, 1, 3, 5].enumerated() {
        #expect(abs(samples.values[index] * 255 - expected[place]) < 0.01)
      }
    }
    // Beyond white is white.
    var light = RGBImage(width: 1, height: 1, pixels: [250, 250, 250])
    light.changeColours(by: [1.1, 1, 0.5])
    #expect(light.pixels == [255, 250, 125])
  }

  /// The shares of crop 1, crop 2 and a local crop that a change of the recipe changes.
  private func shares(_ change: (inout Recipe.DataSource) -> Void) throws -> [Double] {
    var changed = base
    change(&changed.data)
    let source = TestSource(count: 50, make: TestSource.busy)
    var counts = [0.0, 0, 0]
    for (a, b) in zip(
      try batches(changed, source, count: 30), try batches(base, source, count: 30))
    {
      for number in 0..<3 {
        for image in 0..<a.images where a.crop(number, image: image) != b.crop(number, image: image)
        {
          counts[number] += 1
        }
      }
    }
    return counts.map { $0 / 1200 }
  }

  @Test("each comes as often as the recipe says, in every crop, and not by default")
  func shares() throws {
    let cases: [((inout Recipe.DataSource) -> Void, Double)] = [
      ({ $0.verticalFlipProbability = 0.5 }, 0.5), ({ $0.quarterTurns = true }, 0.75),
      (
        {
          $0.hedJitterProbability = 0.3; $0.hedJitter = 0.2
        }, 0.3
      ),
      // One of three channels at least.
      ({ $0.channelDropProbability = 0.3 }, 1 - 0.343), ({ _ in }, 0),
    ]
    for (change, expected) in cases {
      for share in try shares(change) {
        #expect(abs(share - expected) <= 4 * (expected * (1 - expected) / 1200).squareRoot() + 1e-9)
      }
    }
  }

  @Test("the other changes are the same with and without them")
  func independent() throws {
    var jittered = base
    jittered.data.jitterProbability = 0.8
    var both = jittered
    both.data.verticalFlipProbability = 1
    let source = TestSource(count: 50, make: TestSource.busy)
    let (a, b) = (
      try batches(jittered, source, count: 1)[0], try batches(both, source, count: 1)[0]
    )
    for image in 0..<a.images {
      let (plain, flipped) = (Array(a.crop(0, image: image)), Array(b.crop(0, image: image)))
      let again = (0..<36).flatMap { row in
        let other = row / 12 * 12 + 11 - row % 12
        return flipped[other * 12..<other * 12 + 12]
      }
      #expect(plain == again)
    }
  }

  @Test("a dropped channel is its mean everywhere, and one always stays")
  func channelDrop() throws {
    var recipe = base
    recipe.data.channelDropProbability = 0.9
    recipe.data.mean = [0.3, 0.4, 0.5]
    let batch = try batches(recipe, TestSource(count: 50, make: TestSource.busy), count: 1)[0]
    var left: [Int] = []
    for image in 0..<batch.images {
      let crop = Array(batch.crop(0, image: image))
      let planes = (0..<3).map { crop[$0 * 144..<($0 + 1) * 144] }
      let dropped = planes.filter { $0.allSatisfy { $0 == 0 } }.count
      left.append(3 - dropped)
    }
    #expect(left.allSatisfy { $0 >= 1 } && left.contains(1) && Set(left).count > 1)
  }
}
