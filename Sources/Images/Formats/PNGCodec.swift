/// Reads PNG files.
enum PNGCodec: ImageCodec {
  /// The orientation may come after the pixels, so this takes the whole file.
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
    file.isWhole ? try PNGFile(file.bytes, name: file.name).size() : nil
  }

  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
    try PNGFile(file.bytes, name: file.name).image(limits: file.limits)
  }

  static func samples(
    of file: ImageInput, channels: Int, scale: ScaleChoice
  ) throws(ImageError) -> FileSamples {
    try PNGFile(file.bytes, name: file.name).samples(limits: file.limits)
  }
}
