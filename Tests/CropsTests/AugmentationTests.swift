import Crops
import Images
import Recipe
import Tensor
import Testing

/// Measures how often each change happens, by comparing crops with and without it.
@Suite struct AugmentationTests {
  /// Returns the shares of crop 1, crop 2 and a local crop that differ between two recipes.
  private func shares(_ with: Recipe, _ without: Recipe) throws -> [Double] {
    let source = TestSource(count: 50, make: TestSource.busy)
    let pairs = zip(
      try batches(with, source, count: 30), try batches(without, source, count: 30))
    var changed = [0, 0, 0]
    for (a, b) in pairs {
      for number in 0..<3 {
        for image in 0..<a.images where a.crop(number, image: image) != b.crop(number, image: image)
        {
          changed[number] += 1
        }
      }
    }
    return changed.map { Double($0) / Double(30 * with.train.batchSizePerGPU) }
  }

  /// Expects shares within four standard deviations for 1200 draws.
  private func expect(_ shares: [Double], near expected: [Double]) {
    for (share, p) in zip(shares, expected) {
      #expect(abs(share - p) <= 4 * (p * (1 - p) / 1200).squareRoot() + 1e-9)
    }
  }

  private var base: Recipe { .plain(images: 40, globalSize: 12, localSize: 12, locals: 1) }

  @Test("flip, jitter and grey come as often as the recipe says, in every crop")
  func everyCrop() throws {
    var flipped = base
    flipped.data.flipProbability = 0.5
    expect(try shares(flipped, base), near: [0.5, 0.5, 0.5])
    var jittered = base
    jittered.data.jitterProbability = 0.8
    expect(try shares(jittered, base), near: [0.8, 0.8, 0.8])
    var grey = base
    grey.data.greyProbability = 0.2
    expect(try shares(grey, base), near: [0.2, 0.2, 0.2])
  }

  @Test("blur follows the paper or the official code")
  func blurred() throws {
    for (blur, expected) in [(Recipe.Blur.paper, [1, 0.1, 0.5]), (.official, [0, 0.9, 0.5])] {
      var recipe = base
      recipe.data.blur = blur
      recipe.data.blurSigmaMin = 0.8
      expect(try shares(recipe, base), near: expected)
    }
  }

  @Test("crop 2 alone is solarised")
  func solarised() throws {
    var recipe = base
    recipe.data.solariseProbability = 0.2
    expect(try shares(recipe, base), near: [0, 0.2, 0])
  }

  @Test("jitter of no strength changes nothing")
  func noStrength() throws {
    var recipe = base
    recipe.data.jitterProbability = 1
    recipe.data.brightness = 0
    recipe.data.contrast = 0
    recipe.data.saturation = 0
    recipe.data.hue = 0
    #expect(try shares(recipe, base) == [0, 0, 0])
  }

  /// Images of two channels: the first falls from left to right, the second is its square.
  private struct TwoChannels: GeneratedSource {
    let name = "two channels"
    let count = 20
    let classes: [String] = []
    func key(_ index: Int) -> String { "\(index)" }
    func label(_ index: Int) -> Int? { nil }
    func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
      throw TestSource.Damage(description: "it has no colours")
    }
    func samples(
      _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
    ) throws -> SampleImage {
      #expect(format == SampleFormat(channels: 2, range: [0...9, 1...8]))
      let plane: [Float] = (0..<24 * 24).map { (index: Int) -> Float in
        let place = Float(index % 24) + 0.25
        return 1 - place / 24
      }
      return SampleImage(width: 24, height: 24, values: plane + plane.map { $0 * $0 })
    }
  }

  private var twoChannels: Recipe {
    get throws {
      var recipe = Recipe.plain(images: 10, globalSize: 12, localSize: 6, locals: 3)
      recipe.data.path = "two"
      recipe.data.channels = 2
      recipe.data.rangeMin = [0, 1]
      recipe.data.rangeMax = [9, 8]
      recipe.data.mean = [0.5, 0.25]
      recipe.data.std = [0.5, 2]
      return recipe
    }
  }

  @Test("crops of two channels are made of the samples, each channel with its mean and deviation")
  func otherChannels() throws {
    let batch = try batches(try twoChannels, TwoChannels(), count: 1)[0]
    #expect(
      batch.globalCrops.count == 2 * 10 * 2 * 144 && batch.localCrops.count == 3 * 10 * 2 * 36)
    for start in stride(from: 0, to: batch.localCrops.count, by: 72) {
      let first = batch.localCrops[start..<start + 36].map { $0 * 0.5 + 0.5 }
      let second = batch.localCrops[start + 36..<start + 72].map { $0 * 2 + 0.25 }
      for (one, other) in zip(first, second) { #expect(abs(one * one - other) < 0.02) }
      #expect(first[0] > first[5] && abs(first[0] - first[30]) < 1e-6)
    }
  }

  @Test("without colours the crops are jittered in light and contrast alone")
  func withoutColours() throws {
    var changed = try twoChannels
    changed.data.saturation = 0.9
    changed.data.hue = 0.5
    changed.data.greyProbability = 1
    changed.data.solariseProbability = 1
    changed.data.jitterProbability = 1
    changed.data.brightness = 0
    changed.data.contrast = 0
    let plain = try batches(try twoChannels, TwoChannels(), count: 2).map(\.globalCrops)
    #expect(try batches(changed, TwoChannels(), count: 2).map(\.globalCrops) == plain)
    changed.data.brightness = 0.4
    #expect(try batches(changed, TwoChannels(), count: 2).map(\.globalCrops) != plain)
    var others = try twoChannels
    others.data.flipProbability = 1
    others.data.blur = .paper
    #expect(try batches(others, TwoChannels(), count: 2).map(\.globalCrops) != plain)
  }

  @Test("crops are normalised by the recipe's mean and deviation")
  func normalised() throws {
    var recipe = base
    recipe.data.mean = [0.4, 0.5, 0.6]
    recipe.data.std = [0.2, 0.25, 0.5]
    let batch = try batches(recipe, TestSource(count: 1), count: 1)[0]
    let crop = batch.crop(0, image: 0)
    let plane = crop.count / 3
    let expected: [Float] = [-0.4 / 0.2, (1 - 0.5) / 0.25, (90 / 255 - 0.6) / 0.5]
    for channel in 0..<3 {
      #expect(abs(crop[crop.startIndex + channel * plane] - expected[channel]) < 1e-6)
    }
  }
}

@Suite struct RandomResizedCropTests {
  @Test("boxes lie in the picture, cover the share asked for, and have an aspect of 3/4 to 4/3")
  func boxes() {
    var random = CounterRandom(seed: 3, use: .test)
    var shares: [Double] = []
    var stretch = 0.0
    for _ in 0..<4000 {
      let box = RandomResizedCrop.box(width: 500, height: 400, scale: 0.05...0.32, &random)
      #expect(box.left >= 0 && box.left + box.width <= 500)
      #expect(box.top >= 0 && box.top + box.height <= 400)
      let share = Double(box.width * box.height) / 200_000
      let aspect = Double(box.width) / Double(box.height)
      #expect(share > 0.049 && share < 0.323)
      #expect(aspect > 0.74 && aspect < 1.35)
      shares.append(share)
      stretch += aspect > 1 ? 1 : aspect < 1 ? -1 : 0
    }
    // Uniform in area, and as often wider than high as the reverse.
    let mean = shares.reduce(0, +) / 4000
    let small = Double(shares.count { $0 < 0.1175 }) / 4000
    #expect(abs(mean - 0.185) < 0.005)
    #expect(abs(small - 0.25) < 0.03)
    #expect(abs(stretch / 4000) < 0.06)
  }

  @Test("a picture too long for the aspect gives its middle")
  func fallback() {
    var random = CounterRandom(seed: 4, use: .test)
    let wide = RandomResizedCrop.box(width: 1000, height: 10, scale: 0.9...1, &random)
    #expect(wide == (493, 0, 13, 10))
    let high = RandomResizedCrop.box(width: 9, height: 900, scale: 0.9...1, &random)
    #expect(high == (0, 444, 9, 12))
    #expect(RandomResizedCrop.box(width: 1, height: 1, scale: 0.3...1, &random) == (0, 0, 1, 1))
  }
}
