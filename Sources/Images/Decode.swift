/// Decodes an image file and turns the image upright by the orientation in its EXIF or XMP
/// metadata. The format is that of the content, whatever the file is called; `ImageFormat` has all.
/// Of several pages or frames the first is decoded.
///
/// Values are those of PIL's `Image.open(path).convert("RGB")` after `ImageOps.exif_transpose`:
/// alpha is dropped, not blended; colour profiles and gamma are not applied; of 16-bit colours and
/// of grey with alpha the upper byte is kept. Grey of 9 to 16 bits without alpha is rounded to 8,
/// since PIL cuts it off at 255, which makes most of an image white. The other samples of TIFF files
/// are fractions, and whole numbers with a sign or of 32 or 64 bits: fractions that all lie between
/// 0 and 1 are multiplied by 255 and rounded; of those that all lie between 0 and 255 the whole part
/// is kept, as in PIL; all others are scaled so that the lowest of the file becomes 0 and the
/// highest 255. A file is decoded if all its pixels are there, even if it is otherwise damaged. Any
/// thread may call.
///
/// - Parameters:
///   - scale: chooses the scale at which a JPEG is decoded, as PIL's `draft` does; other formats
///     are always decoded whole. A large photograph of which only small crops are needed takes
///     about half the time and a fraction of the memory. The whole file is read at any scale, so
///     that a truncated one is detected.
///   - limits: what the file may declare.
package func decode(
  path: String, scale: ScaleChoice = { _ in .whole }, limits: ImageLimits = .standard
) throws(ImageError) -> RGBImage {
  let bytes = try fileContent(path: path, limits: limits)
  return try decode(bytes: bytes, name: path, scale: scale, limits: limits)
}

/// Returns the bytes of an image's file. Throws if it is larger than `limits` allow.
package func fileContent(
  path: String, limits: ImageLimits = .standard
) throws(ImageError) -> [UInt8] {
  try ImageFile.read(path, limits: limits).bytes
}

/// Decodes the bytes of a file. Errors name it `name`. See `decode(path:)`.
package func decode(
  bytes: [UInt8], name: String, scale: ScaleChoice = { _ in .whole },
  limits: ImageLimits = .standard
) throws(ImageError) -> RGBImage {
  try limits.check(bytes: bytes.count, name: name)
  let codec = try ImageFormat.recognised(bytes, name: name).codec(for: name)
  return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
    try codec.image(of: ImageInput(bytes: buffer, name: name, limits: limits), scale: scale)
  }
}

/// Returns the size of the image that `decode(path:)` would return. Reads only the first bytes of a
/// file if they tell it.
package func imageSize(
  path: String, limits: ImageLimits = .standard
) throws(ImageError) -> ImageSize {
  // A thumbnail or a colour profile may come before the size, but is seldom larger than this.
  let (start, isWhole) = try ImageFile.read(path, limits: limits, most: 1 << 16)
  let codec = try ImageFormat.recognised(start, name: path).codec(for: path)
  func size(_ bytes: [UInt8], isWhole: Bool) throws(ImageError) -> ImageSize? {
    try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
      try codec.size(
        of: ImageInput(bytes: buffer, name: path, limits: limits, isWhole: isWhole))
    }
  }
  do throws(ImageError) {
    if let size = try size(start, isWhole: isWhole) { return size }
  } catch {
    if isWhole { throw error }
  }
  let whole = try ImageFile.read(path, limits: limits).bytes
  guard let size = try size(whole, isWhole: true) else { preconditionFailure("size of no file") }
  return size
}
