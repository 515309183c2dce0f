import Images
import Tensor

/// Procedural textures inside the program, so that a run needs no data set and the probe has
/// classes whose accuracy means something.
///
/// A class is a texture: form and arrangement, never colour. What else differs between images
/// (colours, light, phase, direction, period) is drawn apart from the class and kept weak, since
/// whatever two crops of one image share is learned before the class is. Two crops of an image show
/// the same texture, since it fills the picture.
package struct EmbeddedSource: ImageSource {
  package let name = "embedded"
  package let count: Int
  package let classes = Texture.all.map(\.name)
  /// Side of the images, in pixels.
  package let size: Int
  private let seed: UInt64
  private let first: Int

  /// Images `first ..< first + count` of the endless row that `seed` gives. Rows of different
  /// `first` share nothing, as long as they don't overlap.
  package init(seed: Int, size: Int, count: Int, first: Int = 0) {
    precondition(size > 0 && count > 0 && first >= 0)
    self.seed = UInt64(bitPattern: Int64(seed))
    self.size = size
    self.count = count
    self.first = first
  }

  /// `count` images of the same endless row, from another place of it on.
  func heldOut(_ count: Int, first: Int) -> EmbeddedSource {
    EmbeddedSource(
      seed: Int(Int64(bitPattern: seed)), size: size, count: count, first: first)
  }

  /// Classes are drawn at random, equally often.
  package func label(_ index: Int) -> Int? {
    var random = CounterRandom(seed: seed, use: .texture, first + index, 0)
    return random.below(classes.count)
  }

  /// Drawn at its size: there is no file to be decoded at another.
  package func image(_ index: Int, scale: @escaping ScaleChoice) -> RGBImage { image(index) }

  package func image(_ index: Int) -> RGBImage {
    var random = CounterRandom(seed: seed, use: .texture, first + index, 1)
    let look = TextureLook(drawnFrom: &random, size: size)
    return Texture.all[label(index)!].painting(look, size: size)
  }
}
