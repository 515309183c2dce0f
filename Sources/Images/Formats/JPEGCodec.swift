/// Reads JPEG files.
enum JPEGCodec: ImageCodec {
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
    let reader = try JPEGReader(file.bytes, name: file.name)
    return reader.orientation.turned(reader.size)
  }

  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
    let reader = try JPEGReader(file.bytes, name: file.name)
    try file.limits.check(reader.size, name: file.name)
    let chosen = scale(reader.orientation.turned(reader.size))
    return try reader.image(scale: chosen)
  }
}
