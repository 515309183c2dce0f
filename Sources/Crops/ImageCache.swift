import Images
import Synchronization

/// Keeps decoded images up to a limit of memory, so that the images of small data sets are decoded
/// once.
package final class ImageCache: Sendable {
  /// The limit for the images of a folder, in bytes.
  package static let folderBytes = 512 << 20

  private struct Key: Hashable {
    let index: Int
    let scale: ImageScale
  }

  private struct Contents {
    var images: [Key: RGBImage] = [:]
    /// The full sizes of the images that can be decoded at several scales.
    var sizes: [Int: ImageSize] = [:]
    var bytes = 0

    /// Returns the image at the chosen scale, if it is kept.
    func image(_ index: Int, _ choose: ScaleChoice) -> RGBImage? {
      images[Key(index: index, scale: sizes[index].map(choose) ?? .whole)]
    }
  }

  private let limit: Int
  private let contents = Mutex(Contents())

  init(bytes: Int) { limit = bytes }

  /// Returns an image at the scale that `choose` returns, and decodes it if it is not kept. Any
  /// thread may call.
  ///
  /// - Parameter decode: decodes the image; calls its argument for the scale, unless the file has
  ///   only one.
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
