import Crops
import Images
import Support

/// Images with masks that say what each pixel belongs to: a folder with `images` and `masks`.
///
/// The mask of `images/a/b.jpg` is `masks/a/b.png`, of the same shape. In masks every class has a colour of its own, or
/// a grey value that is its number. With more than two colours, 255 and the light colour of Pascal VOC's borders
/// (224, 224, 192) belong to no class.
package struct SegmentationFolder: Sendable {
  /// The images, at most as many as were asked for, chosen by `HoldOut.sample`.
  package let images: any ImageSource
  private let masks: String

  /// What patches are of.
  package struct Patches: Sendable, Equatable {
    /// The class of each patch of each image, [images, rows · columns]; −1 where most of it belongs to none.
    package let labels: [Int]
    /// The number of classes.
    package let classes: Int
  }

  /// The most classes. A mask with more colours was saved with loss.
  package static let mostClasses = 256
  private static let void: Set<UInt32> = [0xFFFFFF, 0xE0E0C0]

  /// Finds images and their masks.
  ///
  /// Throws `FeatureError` if there are no images, or if one of those that were chosen has no mask.
  package init(path: String, most: Int) throws {
    let all: FileSource
    do throws(SourceError) {
      all = try FileSource(path: path + "/images", cacheBytes: 0)
    } catch {
      throw FeatureError(
        "\(error.what); a folder of masks has images in images and their masks in masks")
    }
    let keys = (0..<all.count).map(all.key)
    images = SubsetSource(all, indices: HoldOut.sample(most, of: keys))
    masks = path + "/masks"
    for index in 0..<images.count where !FileSystem.isFile(mask(index)) {
      throw FeatureError(
        "\(mask(index)): there is no mask of images/\(images.key(index)); each image needs one")
    }
  }

  private func mask(_ index: Int) -> String {
    let key = images.key(index)
    let start = key.lastIndex(of: "/").map(key.index(after:)) ?? key.startIndex
    return masks + "/" + (key[start...].lastIndex(of: ".").map { String(key[..<$0]) } ?? key)
      + ".png"
  }

  /// Returns what the patches of all images are of, as a view shows them. Reads all masks.
  ///
  /// Throws `ImageError` if a mask cannot be read, and `FeatureError` if masks have too many colours, or one.
  ///
  /// - Parameter patch: the side of a patch, in pixels of the view.
  package func patches(_ view: EvaluationView, patch: Int) throws -> Patches {
    var classes: Set<UInt32> = []
    for index in 0..<images.count {
      let mask = try decode(path: mask(index))
      try checkSize(mask.size, index)
      var last: UInt32?
      for pixel in 0..<mask.width * mask.height {
        let colour = Self.colour(mask, pixel)
        if colour != last { classes.insert(colour) }
        last = colour
      }
    }
    if classes.count > 2 { classes.subtract(Self.void) }
    guard (2...Self.mostClasses).contains(classes.count) else {
      throw FeatureError(
        "\(masks): the masks have \(Format.count(classes.count, "colour")); "
          + (classes.count < 2
            ? "at least two classes are told apart"
            : "each class has one, so save masks without loss, as PNG"))
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.sorted().enumerated().map { ($1, $0) })
    let labels = try (0..<images.count).flatMap { index in
      let mask = try decode(path: mask(index))
      return Self.labels(of: mask, view, patch: patch, numbers)
    }
    return Patches(labels: labels, classes: classes.count)
  }

  private func checkSize(_ size: ImageSize, _ index: Int) throws {
    // An image that cannot be read is named when its features are computed.
    guard let image = try? imageSize(path: images.name + "/" + images.key(index)), image != size
    else { return }
    throw FeatureError(
      "\(mask(index)): the mask has \(size.width)x\(size.height) pixels, its image "
        + "\(image.width)x\(image.height); both must have the same")
  }

  private static func colour(_ image: RGBImage, _ pixel: Int) -> UInt32 {
    UInt32(image.pixels[3 * pixel]) << 16 | UInt32(image.pixels[3 * pixel + 1]) << 8
      | UInt32(image.pixels[3 * pixel + 2])
  }

  /// The class of most pixels of each patch; the first of several, and −1 if it is none.
  private static func labels(
    of mask: RGBImage, _ view: EvaluationView, patch: Int, _ numbers: [UInt32: Int]
  ) -> [Int] {
    let window = view.window(of: mask.size)
    let (rows, columns) = (view.size.height / patch, view.size.width / patch)
    return (0..<rows * columns).map { place in
      var counts: [Int: Int] = [:]
      for at in 0..<patch * patch {
        let pixel = window.pixel(
          x: place % columns * patch + at % patch, y: place / columns * patch + at / patch)
        counts[numbers[colour(mask, pixel.y * mask.width + pixel.x)] ?? -1, default: 0] += 1
      }
      return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }!.key
    }
  }
}
