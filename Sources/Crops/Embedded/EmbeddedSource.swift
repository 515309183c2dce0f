import Images
import Tensor

/// Procedural textures that the program draws itself, so that a run needs no data set and the probe
/// has classes whose accuracy means something.
///
/// A class is a texture: a shape and its arrangement, never a colour. Everything else that differs
/// between images (colours, light, phase, direction, period) is drawn independently of the class
/// and kept weak, since a network first learns whatever two crops of one image have in common. The
/// texture fills the image, so that any two crops show it.
package struct EmbeddedSource: ImageSource {
  package let name = "embedded"
  package let count: Int
  package let classes = Texture.all.map(\.name)
  /// The side of the images, in pixels.
  package let size: Int
  private let seed: UInt64
  private let first: Int

  /// The images `first ..< first + count` of the infinite sequence that belongs to a seed. Ranges
  /// that do not overlap have no image in common.
  package init(seed: Int, size: Int, count: Int, first: Int = 0) {
    precondition(size > 0 && count > 0 && first >= 0)
    self.seed = UInt64(bitPattern: Int64(seed))
    self.size = size
    self.count = count
    self.first = first
  }

  /// Returns other images of the same sequence: `first ..< first + count`.
  package func images(_ count: Int, from first: Int) -> EmbeddedSource {
    EmbeddedSource(
      seed: Int(Int64(bitPattern: seed)), size: size, count: count, first: first)
  }

  /// Returns the number of the image in the sequence.
  package func key(_ index: Int) -> String { String(first + index) }

  /// Returns the class of an image. Classes are drawn uniformly.
  package func label(_ index: Int) -> Int? {
    var random = CounterRandom(seed: seed, use: .texture, first + index, 0)
    return random.below(classes.count)
  }

  /// Draws an image. `scale` is ignored, since no file is decoded.
  package func image(_ index: Int, scale: @escaping ScaleChoice) -> RGBImage { image(index) }

  package func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage {
    try image(index).samples(format, name: key(index))
  }

  package func image(_ index: Int) -> RGBImage {
    var random = CounterRandom(seed: seed, use: .texture, first + index, 1)
    let look = TextureLook(drawnFrom: &random, size: size)
    return Texture.all[label(index)!].painting(look, size: size)
  }
}
