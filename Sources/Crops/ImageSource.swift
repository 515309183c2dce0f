import Images

/// Where images come from: a folder, or the program itself.
///
/// Safe to call from any thread; an image of one index is always the same.
package protocol ImageSource: Sendable {
  /// `embedded`, or the folder's path.
  var name: String { get }
  /// Images in one pass.
  var count: Int { get }
  /// Names of the classes; empty where nothing is labelled. For the probe alone.
  var classes: [String] { get }

  /// The class of an image, where it has one.
  func label(_ index: Int) -> Int?

  /// The image itself, where its file allows at the scale that `scale` chooses. Throws where the file
  /// is damaged, missing or not an image.
  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage
}

extension ImageSource {
  /// The whole image.
  package func image(_ index: Int) throws -> RGBImage { try image(index) { _ in .whole } }
}
