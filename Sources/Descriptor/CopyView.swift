import Crops
import Images
import Tensor

/// Changes an image at random as people change the images that they copy.
///
/// After SSCD's advanced augmentations: crops, mirrors, turns, colours, blur, coarse pixels, text,
/// pictures on it, borders, and itself on another picture. Any thread may call.
struct CopyView: Sendable {
  /// The side of a view, in pixels.
  let size: Int

  /// Draws a view of an image. `other` is another image, for what lies on or under it.
  func of(_ image: RGBImage, other: RGBImage, _ random: inout CounterRandom) -> RGBImage {
    var view = cropped(image, &random)
    if random.chance(0.3) { view.flip() }
    if random.chance(0.1) { view = view.quarterTurned(1 + random.below(3)) }
    recolour(&view, &random)
    if random.chance(0.2) { view = coarse(view, &random) }
    if random.chance(0.15) { CopyText.write(on: &view, &random) }
    if random.chance(0.15) { overlay(&view, other, &random) }
    if random.chance(0.15) {
      view = inset(view, in: RGBImage(side: size, colour: colour(&random)), 0.6...0.9, &random)
    }
    if random.chance(0.15) {
      view = inset(view, in: other.resized(toWidth: size, toHeight: size), 0.5...0.9, &random)
    }
    if random.chance(0.1) {
      view = view.turned(by: random.uniform(-0.5, 0.5), fill: colour(&random))
    }
    return view
  }

  /// The whole image, or a part of it, whatever its shape.
  private func cropped(_ image: RGBImage, _ random: inout CounterRandom) -> RGBImage {
    guard random.chance(0.7) else { return image.resized(toWidth: size, toHeight: size) }
    let box = RandomResizedCrop.box(
      width: image.width, height: image.height, scale: 0.3...1, &random)
    return image.resizedCrop(
      left: box.left, top: box.top, width: box.width, height: box.height, toWidth: size,
      toHeight: size)
  }

  private func recolour(_ view: inout RGBImage, _ random: inout CounterRandom) {
    if random.chance(0.6) {
      view.changeBrightness(by: random.uniform(0.5, 1.6))
      view.changeContrast(by: random.uniform(0.5, 1.6))
      view.changeSaturation(by: random.uniform(0.2, 2))
      view.changeHue(by: random.uniform(-0.1, 0.1))
    }
    if random.chance(0.15) { view.makeGrey() }
    if random.chance(0.3) { view.blur(sigma: random.uniform(0.3, 2)) }
  }

  /// The view with fewer pixels, as after a strong reduction.
  private func coarse(_ view: RGBImage, _ random: inout CounterRandom) -> RGBImage {
    let side = max(4, Int(Float(size) * random.uniform(0.25, 0.7)))
    return view.resized(toWidth: side, toHeight: side).resized(toWidth: size, toHeight: size)
  }

  /// A small picture on the view.
  private func overlay(
    _ view: inout RGBImage, _ other: RGBImage, _ random: inout CounterRandom
  ) {
    let side = max(2, Int(Float(size) * random.uniform(0.15, 0.45)))
    view.paste(
      other.resized(toWidth: side, toHeight: side), left: random.below(size - side + 1),
      top: random.below(size - side + 1))
  }

  /// The view on a background.
  private func inset(
    _ view: RGBImage, in background: RGBImage, _ shares: ClosedRange<Float>,
    _ random: inout CounterRandom
  ) -> RGBImage {
    var background = background
    let width = Int(Float(size) * random.uniform(shares.lowerBound, shares.upperBound))
    let height = Int(Float(size) * random.uniform(shares.lowerBound, shares.upperBound))
    background.paste(
      view.resized(toWidth: width, toHeight: height), left: random.below(size - width + 1),
      top: random.below(size - height + 1))
    return background
  }

  private func colour(_ random: inout CounterRandom) -> [UInt8] {
    (0..<3).map { _ in UInt8(random.below(256)) }
  }
}
