import Images
import Synchronization

/// Keeps decoded images while there is room, so that small data sets are decoded once.
package final class ImageCache: Sendable {
  /// Bytes that the images of a folder may take.
  package static let folderBytes = 512 << 20

  private struct Contents {
    var images: [Int: RGBImage] = [:]
    var bytes = 0
  }

  private let limit: Int
  private let contents = Mutex(Contents())

  init(bytes: Int) { limit = bytes }

  /// The image of an index, decoded where it is not kept yet. Any thread.
  func image(_ index: Int, decode: () throws -> RGBImage) throws -> RGBImage {
    if let kept = contents.withLock({ $0.images[index] }) { return kept }
    let image = try decode()
    contents.withLock { contents in
      guard contents.bytes + image.pixels.count <= limit, contents.images[index] == nil else {
        return
      }
      contents.images[index] = image
      contents.bytes += image.pixels.count
    }
    return image
  }
}
