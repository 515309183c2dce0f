import Images
import Tensor

/// Multi-crop augmentation: from an image to two global crops and some local ones, normalised.
///
/// Random numbers are keyed by the image's place in the stream and the crop, so that neither the
/// number of workers nor a restart changes them.
struct Augmentation: Sendable {
  let recipe: AugmentationRecipe
  private let seed: UInt64

  init(_ recipe: AugmentationRecipe, seed: Int) {
    self.recipe = recipe
    self.seed = UInt64(truncatingIfNeeded: seed)
  }

  /// The smallest scale at which every crop of the image is still made by reduction alone.
  ///
  /// Boxes depend on the size and the random numbers alone, so they are known before a pixel is. At
  /// another scale the same random numbers give the same boxes, to the rounding.
  func scale(of whole: ImageSize, place: Int) -> ImageScale {
    guard recipe.scaledDecoding else { return .whole }
    return .smallest { scale in
      let size = scale.size(of: whole)
      return (0..<recipe.crops).allSatisfy { number in
        let box = box(of: size, place: place, number: number)
        return min(box.width, box.height) >= kind(number).size
      }
    }
  }

  private func kind(_ number: Int) -> CropRecipe {
    number < 2 ? recipe.global[number] : recipe.local
  }

  private func box(
    of size: ImageSize, place: Int, number: Int
  ) -> (left: Int, top: Int, width: Int, height: Int) {
    var random = CounterRandom(seed: seed, use: .crop, place, number)
    return RandomResizedCrop.box(
      width: size.width, height: size.height, scale: kind(number).scale, &random)
  }

  /// Writes crop `number` of an image into `target` [3, size, size]: 0 and 1 are the global crops,
  /// the others local ones.
  func crop(
    _ image: RGBImage, place: Int, number: Int, into target: UnsafeMutableBufferPointer<Float>
  ) {
    let kind = kind(number)
    let box = box(
      of: ImageSize(width: image.width, height: image.height), place: place, number: number)
    var crop = image.resizedCrop(
      left: box.left, top: box.top, width: box.width, height: box.height, toWidth: kind.size,
      toHeight: kind.size)
    change(&crop, kind, place: place, number: number)
    crop.normalised(mean: recipe.mean, std: recipe.std, into: target)
  }

  private func change(_ crop: inout RGBImage, _ kind: CropRecipe, place: Int, number: Int) {
    var random = CounterRandom(seed: seed, use: .augment, place, number)
    if random.chance(Float(recipe.flip)) { crop.flip() }
    if random.chance(Float(recipe.jitter)) {
      ColorJitter.apply(&crop, recipe.jitterStrength, &random)
    }
    if random.chance(Float(recipe.grey)) { ColorJitter.grey(&crop) }
    if random.chance(Float(kind.blur)) {
      GaussianBlur.apply(&crop, sigma: Float(between(recipe.sigma, &random)))
    }
    if random.chance(Float(kind.solarise)) { ColorJitter.solarise(&crop) }
  }
}

extension RGBImage {
  /// Left becomes right.
  package mutating func flip() {
    let width = width
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in 0..<pixels.count / (3 * width) {
        var (left, right) = (row * width * 3, (row * width + width - 1) * 3)
        while left < right {
          for channel in 0..<3 { pixels.swapAt(left + channel, right + channel) }
          left += 3
          right -= 3
        }
      }
    }
  }
}
