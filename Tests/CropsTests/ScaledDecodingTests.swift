import Crops
import Foundation
import Images
import Recipe
import Synchronization
import Tensor
import Testing

/// A photograph of a given size that records the scales at which it is decoded.
private final class ScaledSource: GeneratedSource {
  let name = "scaled"
  let count = 1000
  let classes: [String] = []
  let whole = ImageSize(width: 1000, height: 800)
  let chosen = Mutex<[ImageScale]>([])

  func key(_ index: Int) -> String { String(index) }
  func label(_ index: Int) -> Int? { nil }

  func image(_ index: Int, scale: @escaping ScaleChoice) -> RGBImage {
    let scale = scale(whole)
    chosen.withLock { $0.append(scale) }
    let size = scale.size(of: whole)
    return RGBImage(
      width: size.width, height: size.height,
      pixels: [UInt8](repeating: 7, count: size.width * size.height * 3))
  }
}

@Suite struct ScaledDecodingTests {
  /// Returns the scales of the first images of the stream.
  private func scales(_ recipe: Recipe, count: Int) throws -> [ImageScale] {
    var recipe = recipe
    recipe.train.numWorkers = 1
    let source = ScaledSource()
    let loader = BatchLoader(recipe: recipe, source: source) { _ in }
    loader.start(batch: 1)
    for _ in 0..<count { _ = try loader.next() }
    loader.stop()
    return Array(source.chosen.withLock { $0 }[..<count])
  }

  private var recipe: Recipe { .plain(images: 1, globalSize: 112, localSize: 56, locals: 4) }

  @Test("an image comes at the smallest scale at which no crop is enlarged")
  func smallest() throws {
    let found = try scales(recipe, count: 60)
    let whole = ScaledSource().whole
    for (place, scale) in found.enumerated() {
      let fits = ImageScale.allCases.filter { scale in
        (0..<6).allSatisfy { number in
          var random = CounterRandom(
            seed: UInt64(recipe.train.seed), use: .crop, place, number)
          let size = scale.size(of: whole)
          let crops = recipe.crops
          let share =
            number < 2
            ? crops.globalCropsScaleMin...crops.globalCropsScaleMax
            : crops.localCropsScaleMin...crops.localCropsScaleMax
          let box = RandomResizedCrop.box(
            width: size.width, height: size.height, scale: share, &random)
          return min(box.width, box.height) >= (number < 2 ? 112 : 56)
        }
      }
      #expect(scale == fits.min() ?? .whole)
    }
    #expect(Set(found).count > 1)
  }

  @Test("crops larger than a half would give, or a recipe that says so, have images whole")
  func whole() throws {
    var exact = recipe
    exact.data.scaledDecoding = false
    #expect(try Set(scales(exact, count: 20)) == [.whole])
    let large = Recipe.plain(images: 1, globalSize: 500, localSize: 224, locals: 2)
    #expect(try Set(scales(large, count: 5)) == [.whole])
  }

  @Test("a folder's images are kept apart by their scale; a PNG has but one")
  func kept() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ImagesTests/Fixtures")
    let folder = try Folder()
    let jpeg = try Data(contentsOf: fixtures.appending(path: "baseline.jpg"))
    try folder.add("a.jpg", bytes: Array(jpeg))
    try folder.add("b.png", color: 5)
    let source = try FileSource(path: folder.path)
    for _ in 0..<2 {
      for scale in [ImageScale.half, .whole, .quarter] {
        let image = try source.image(0) { _ in scale }
        #expect(try image == decode(path: source.path(0)) { _ in scale })
        #expect(image.width == scale.size(of: ImageSize(width: 40, height: 27)).width)
        #expect(try source.image(1) { _ in scale }.width == 12)
      }
    }
  }
}
