import Images
import Tensor

/// Multi-crop augmentation: makes two global crops and several local crops of an image,
/// normalised.
///
/// Random numbers depend only on the seed, on the image's position in the stream and on the crop.
/// Neither the number of threads nor a restart changes them.
struct Augmentation: Sendable {
  let recipe: AugmentationRecipe
  private let seed: UInt64

  init(_ recipe: AugmentationRecipe, seed: Int) {
    self.recipe = recipe
    self.seed = UInt64(truncatingIfNeeded: seed)
  }

  /// Returns the smallest scale at which no crop of the image has to be enlarged.
  ///
  /// The boxes of the crops depend only on the size and the random numbers, so they are known
  /// before the image is decoded. At another scale the same random numbers give the same boxes, up
  /// to rounding.
  func scale(of whole: ImageSize, position: Int) -> ImageScale {
    guard recipe.scaledDecoding else { return .whole }
    return .smallest { scale in
      let size = scale.size(of: whole)
      return (0..<recipe.crops).allSatisfy { number in
        let box = box(of: size, position: position, number: number)
        return min(box.width, box.height) >= kind(number).size
      }
    }
  }

  private func kind(_ number: Int) -> CropRecipe {
    number < 2 ? recipe.global[number] : recipe.local
  }

  private func box(
    of size: ImageSize, position: Int, number: Int
  ) -> (left: Int, top: Int, width: Int, height: Int) {
    var random = CounterRandom(seed: seed, use: .crop, position, number)
    return RandomResizedCrop.box(
      width: size.width, height: size.height, scale: kind(number).scale, &random)
  }

  /// Writes crop `number` of an image into `target`, [channels, size, size]. Numbers 0 and 1 are the
  /// global crops, the others local crops.
  func crop(
    _ image: some AugmentedImage, position: Int, number: Int,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let kind = kind(number)
    let box = box(of: image.size, position: position, number: number)
    var crop = image.resizedCrop(
      left: box.left, top: box.top, width: box.width, height: box.height, toWidth: kind.size,
      toHeight: kind.size)
    changeByDomain(&crop, position: position, number: number)
    change(&crop, kind, position: position, number: number)
    crop.normalised(mean: recipe.mean, std: recipe.std, into: target)
    dropChannels(of: target, position: position, number: number)
  }

  /// The changes that make sense in some domains alone. They have random numbers of their own, so that the
  /// others are the same with and without them.
  private func changeByDomain(
    _ crop: inout some AugmentedImage, position: Int, number: Int
  ) {
    var random = CounterRandom(seed: seed, use: .augment, position, number, 1)
    if random.chance(Float(recipe.verticalFlip)) { crop.flipVertically() }
    if recipe.quarterTurns { crop.turn(quarters: random.below(4)) }
    if random.chance(Float(recipe.hedJitter)) {
      let shift = Float(recipe.hedShift)
      crop.changeColours(
        by: HEDJitter.factors(
          SIMD3(
            random.uniform(-shift, shift), random.uniform(-shift, shift),
            random.uniform(-shift, shift))))
    }
  }

  /// Replaces channels of a normalised crop by their mean, which is 0. If all would go, one stays.
  private func dropChannels(
    of target: UnsafeMutableBufferPointer<Float>, position: Int, number: Int
  ) {
    guard recipe.channelDrop > 0 else { return }
    var random = CounterRandom(seed: seed, use: .augment, position, number, 2)
    let channels = recipe.mean.count
    var dropped = (0..<channels).map { _ in random.chance(Float(recipe.channelDrop)) }
    if dropped.allSatisfy(\.self) { dropped[random.below(channels)] = false }
    let plane = target.count / channels
    for channel in 0..<channels where dropped[channel] {
      target[channel * plane..<(channel + 1) * plane].update(repeating: 0)
    }
  }

  private func change(
    _ crop: inout some AugmentedImage, _ kind: CropRecipe, position: Int, number: Int
  ) {
    var random = CounterRandom(seed: seed, use: .augment, position, number)
    if random.chance(Float(recipe.flip)) { crop.flip() }
    if random.chance(Float(recipe.jitter)) {
      ColorJitter.apply(&crop, recipe.jitterStrength, &random)
    }
    if random.chance(Float(recipe.grey)) { crop.makeGrey() }
    if random.chance(Float(kind.blur)) {
      crop.blur(sigma: Float(between(recipe.sigma, &random)))
    }
    if random.chance(Float(kind.solarise)) { crop.solarise() }
  }
}
