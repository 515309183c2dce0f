/// The bytes of an image file, or the first of them, and what holds for reading it.
struct ImageInput {
  let bytes: UnsafeBufferPointer<UInt8>
  /// What errors call the file.
  let name: String
  let limits: ImageLimits
  /// Whether the bytes are the whole file.
  var isWhole = true

  /// Returns an error of this file.
  func error(_ problem: ImageError.Problem) -> ImageError { ImageError(name, problem) }
}

/// What reads the files of one format. Any thread may call.
protocol ImageCodec {
  /// Returns the size of the upright image; `nil` if it takes more of the file to tell.
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize?

  /// Decodes a whole file and turns the image upright. Limits are checked before memory is taken.
  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage

  /// Reads the samples of a whole file as they are stored, upright. By default those of `image`, as
  /// the files of most formats have no others.
  ///
  /// - Parameter channels: how many are wanted. A file that stores them in several ways returns
  ///   these if it has them.
  static func samples(
    of file: ImageInput, channels: Int, scale: ScaleChoice
  ) throws(ImageError) -> FileSamples
}

extension ImageCodec {
  static func samples(
    of file: ImageInput, channels: Int, scale: ScaleChoice
  ) throws(ImageError) -> FileSamples {
    FileSamples(try image(of: file, scale: scale))
  }
}
