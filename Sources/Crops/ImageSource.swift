import Images

/// A data set: its images, and their classes where it has labels.
///
/// Any thread may call; the image at an index is always the same.
package protocol ImageSource: Sendable {
  /// `embedded`, or the folder's path.
  var name: String { get }
  /// The number of images.
  var count: Int { get }
  /// The names of the classes; empty where nothing is labelled. Training never looks at them.
  var classes: [String] { get }

  /// The name of an image within the data set: its path below the folder, or the number of an
  /// embedded image. Adding images changes no key.
  func key(_ index: Int) -> String

  /// The class of an image, an index into `classes`; nil where the image has none.
  func label(_ index: Int) -> Int?

  /// Decodes an image, at the scale that `scale` chooses where the file's format allows it.
  ///
  /// Throws where the file is damaged, missing or not an image.
  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage
}

extension ImageSource {
  /// Decodes an image at its full size.
  package func image(_ index: Int) throws -> RGBImage { try image(index) { _ in .whole } }
}
