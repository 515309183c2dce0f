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
    /// `nil` for red, green and blue of 8 bits.
    let format: SampleFormat?
  }

  private struct Contents {
    var images: [Key: any InputImage] = [:]
    /// The full sizes of the images that can be decoded at several scales.
    var sizes: [Int: ImageSize] = [:]
    var bytes = 0

    /// Returns the image at the chosen scale, if it is kept.
    func image(
      _ index: Int, _ format: SampleFormat?, _ choose: ScaleChoice
    ) -> (any InputImage)? {
      images[Key(index: index, scale: sizes[index].map(choose) ?? .whole, format: format)]
    }
  }

  private let limit: Int
  private let contents = Mutex(Contents())

  init(bytes: Int) { limit = bytes }

  /// Returns an image at the scale that `choose` returns, and decodes it if it is not kept. Any
  /// thread may call.
  ///
  /// - Parameters:
  ///   - format: what the image is decoded into, which decides its type.
  ///   - decode: decodes the image; calls its argument for the scale, unless the file has only one.
  func image<Image: InputImage>(
    _ index: Int, format: SampleFormat?, scale choose: @escaping ScaleChoice,
    decode: (ScaleChoice) throws -> Image
  ) throws -> Image {
    if let kept = contents.withLock({ $0.image(index, format, choose) }) { return kept as! Image }
    var size: ImageSize?
    var scale = ImageScale.whole
    let image = try decode { whole in
      size = whole
      scale = choose(whole)
      return scale
    }
    let key = Key(index: index, scale: scale, format: format)
    contents.withLock { contents in
      guard contents.bytes + image.bytes <= limit, contents.images[key] == nil else {
        return
      }
      contents.images[key] = image
      contents.sizes[index] = size
      contents.bytes += image.bytes
    }
    return image
  }
}
