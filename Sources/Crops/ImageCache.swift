import Images
import Synchronization

/// Keeps decoded images while there is room, so that small data sets are decoded once.
package final class ImageCache: Sendable {
  /// Bytes that the images of a folder may take.
  package static let folderBytes = 512 << 20

  private struct Key: Hashable {
    let index: Int
    let scale: ImageScale
  }

  private struct Contents {
    var images: [Key: RGBImage] = [:]
    /// Whole sizes of the images that are kept and come at several scales.
    var sizes: [Int: ImageSize] = [:]
    var bytes = 0

    /// The image as it was decoded for such a choice.
    func image(_ index: Int, _ choose: ScaleChoice) -> RGBImage? {
      images[Key(index: index, scale: sizes[index].map(choose) ?? .whole)]
    }
  }

  private let limit: Int
  private let contents = Mutex(Contents())

  init(bytes: Int) { limit = bytes }

  /// The image of an index at a scale, decoded where it is not kept yet. Any thread.
  ///
  /// `decode` asks what it is given for the scale, or doesn't where the file has but one.
  func image(
    _ index: Int, scale choose: @escaping ScaleChoice, decode: (ScaleChoice) throws -> RGBImage
  ) throws -> RGBImage {
    if let kept = contents.withLock({ $0.image(index, choose) }) { return kept }
    var size: ImageSize?
    var scale = ImageScale.whole
    let image = try decode { whole in
      size = whole
      scale = choose(whole)
      return scale
    }
    let key = Key(index: index, scale: scale)
    contents.withLock { contents in
      guard contents.bytes + image.pixels.count <= limit, contents.images[key] == nil else {
        return
      }
      contents.images[key] = image
      contents.sizes[index] = size
      contents.bytes += image.pixels.count
    }
    return image
  }
}
