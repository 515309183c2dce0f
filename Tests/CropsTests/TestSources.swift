import Images
import Recipe

import Crops

/// Generated images of 8 bits.
protocol GeneratedSource: ImageSource {}

extension GeneratedSource {
  func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage {
    try image(index, scale: scale).samples(format, name: key(index))
  }
}

/// Generated images, some of which cannot be read.
struct TestSource: GeneratedSource {
  struct Damage: Error, CustomStringConvertible {
    let description: String
  }

  var name: String { "test images" }
  var count: Int
  var classes: [String] = []
  var damaged: Set<Int> = []
  var make: @Sendable (Int) -> RGBImage = TestSource.plain

  func key(_ index: Int) -> String { String(index) }
  func label(_ index: Int) -> Int? { classes.isEmpty ? nil : index % classes.count }

  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    if damaged.contains(index) { throw Damage(description: "image \(index) is damaged") }
    return make(index)
  }

  /// An image of a single colour that identifies it.
  @Sendable static func plain(_ index: Int) -> RGBImage {
    RGBImage(
      width: 20, height: 24,
      pixels: (0..<20 * 24).flatMap { _ in [UInt8(index), UInt8(255 - index), 90] })
  }

  /// A colourful image with edges everywhere.
  @Sendable static func busy(_ index: Int) -> RGBImage {
    RGBImage(
      width: 40, height: 30,
      pixels: (0..<40 * 30 * 3).map {
        UInt8(truncatingIfNeeded: $0 &* ($0 / 7 &+ 31) &+ index * 83)
      })
  }
}

extension Recipe {
  /// Small crops without augmentation: values are bytes / 255.
  static func plain(images: Int, globalSize: Int = 8, localSize: Int = 6, locals: Int = 2) -> Recipe
  {
    var recipe = Recipe()
    recipe.train.batchSizePerGPU = images
    recipe.train.numWorkers = 2
    recipe.crops.globalCropsSize = globalSize
    recipe.crops.localCropsSize = localSize
    recipe.crops.localCropsNumber = locals
    recipe.data.mean = [0, 0, 0]
    recipe.data.std = [1, 1, 1]
    recipe.data.flipProbability = 0
    recipe.data.jitterProbability = 0
    recipe.data.greyProbability = 0
    recipe.data.solariseProbability = 0
    recipe.data.blur = .none
    return recipe
  }

  /// The same crops with the default augmentation.
  static func augmented(images: Int) -> Recipe {
    var recipe = plain(images: images, globalSize: 16, localSize: 8)
    recipe.data = Recipe().data
    return recipe
  }
}

/// Returns some batches of a source, beginning at a step.
func batches(
  _ recipe: Recipe, _ source: any ImageSource, from step: Int = 1, count: Int
) throws -> [CropBatch] {
  let loader = BatchLoader(recipe: recipe, source: source) { _ in }
  loader.start(batch: step)
  defer { loader.stop() }
  return try (0..<count).map { _ in try loader.next() }
}

extension CropBatch {
  /// Returns the values of a crop. Numbers 0 and 1 are the global crops, the others are local.
  func crop(_ number: Int, image: Int) -> ArraySlice<Float> {
    let isGlobal = number < 2
    let side = isGlobal ? globalCropsSize : localCropsSize
    let start = ((isGlobal ? number : number - 2) * images + image) * 3 * side * side
    return (isGlobal ? globalCrops : localCrops)[start..<start + 3 * side * side]
  }

  /// Returns the number of the plain image at an index of the batch, which its colour tells.
  func index(image: Int) -> Int { Int((crop(0, image: image).first! * 255).rounded()) }
}
