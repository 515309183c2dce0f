import Crops

/// Computes the features by which images are compared.
package protocol ImageEmbedding: AnyObject {
  /// What the features depend on beside the images: the weights and the view.
  var fingerprint: String { get }
  /// The number of features of an image.
  var width: Int { get }
  /// Calls `body` with the indices of some images and their features [images, width], until all that
  /// can be read are done; returns why others could not be. `body` may throw to end it.
  func features(
    of images: any ImageSource, _ body: ([Int], UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> [String]
}
