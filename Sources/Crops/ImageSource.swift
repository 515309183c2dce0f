import Images

/// A data set: its images, and their classes where it has labels.
///
/// Any thread may call; the image at an index is always the same.
package protocol ImageSource: Sendable {
  /// The name of the data set: `embedded`, or the folder's path.
  var name: String { get }
  /// The number of images.
  var count: Int { get }
  /// The names of the classes; empty without labels. Training never uses them.
  var classes: [String] { get }
  /// What a person should know, such as files that are not used. Empty by default.
  var notices: [SourceNotice] { get }

  /// Returns the name of an image within the data set: its path below the folder, or the number of
  /// an embedded image. Adding images does not change it.
  func key(_ index: Int) -> String

  /// Returns the class of an image, an index into `classes`; `nil` if it has none.
  func label(_ index: Int) -> Int?

  /// Returns the size of an image's file in bytes; `nil` if it is no file, or if the system cannot
  /// tell. `nil` by default.
  func bytes(_ index: Int) -> Int?

  /// Decodes an image, at the scale that `scale` chooses if the file's format supports it.
  ///
  /// Throws if the file is damaged, missing or not an image.
  func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage

  /// Decodes an image into the channels that a network is given, with all bits of its samples.
  ///
  /// Throws if the file is damaged, missing, not an image, or has other channels.
  func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage
}

extension ImageSource {
  /// Nothing to know.
  package var notices: [SourceNotice] { [] }

  /// No file.
  package func bytes(_ index: Int) -> Int? { nil }

  /// Decodes an image as a network is given it: red, green and blue of 8 bits, or samples in a
  /// format.
  package func input(
    _ index: Int, _ format: SampleFormat?, scale: @escaping ScaleChoice
  ) throws -> any AugmentedImage {
    if let format { return try samples(index, format: format, scale: scale) }
    return try image(index, scale: scale)
  }

  /// Decodes an image at its full size.
  package func image(_ index: Int) throws -> RGBImage { try image(index) { _ in .whole } }
}
