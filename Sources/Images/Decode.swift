/// Decodes a JPEG or PNG file and turns the image upright by the orientation in its EXIF or XMP
/// metadata. The format is that of the content, whatever the file is called.
///
/// Values are those of PIL's `Image.open(path).convert("RGB")` after `ImageOps.exif_transpose`:
/// alpha is dropped, not blended; colour profiles and gamma are not applied; of 16-bit colours and
/// of grey with alpha the upper byte is kept. Only 16-bit grey without alpha is rounded to 8 bits,
/// since PIL cuts it off at 255, which makes most of an image white. A file is decoded if all its
/// pixels are there, even if it is otherwise damaged. Any thread may call.
///
/// - Parameters:
///   - scale: chooses the scale at which a JPEG is decoded, as PIL's `draft` does; a PNG is always
///     decoded whole. A large photograph of which only small crops are needed takes about half the
///     time and a fraction of the memory. The whole file is read at any scale, so that a truncated
///     one is detected.
///   - limits: what the file may declare.
package func decode(
  path: String, scale: ScaleChoice = { _ in .whole }, limits: ImageLimits = .standard
) throws(ImageError) -> RGBImage {
  let file = try ImageFile.read(path, limits: limits)
  return try decode(bytes: file.bytes, name: path, scale: scale, limits: limits)
}

/// Decodes the bytes of a file. Errors name it `name`. See `decode(path:)`.
package func decode(
  bytes: [UInt8], name: String, scale: ScaleChoice = { _ in .whole },
  limits: ImageLimits = .standard
) throws(ImageError) -> RGBImage {
  try limits.check(bytes: bytes.count, name: name)
  switch try ImageFormat(bytes, name: name) {
  case .jpeg:
    return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
      let reader = try JPEGReader(buffer, name: name)
      try limits.check(reader.size, name: name)
      let chosen = scale(reader.orientation.turned(reader.size))
      return try reader.image(scale: chosen)
    }
  case .png:
    return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
      try PNGFile(buffer, name: name).image(limits: limits)
    }
  }
}

/// Returns the size of the image that `decode(path:)` would return. Reads only the header of a
/// JPEG.
package func imageSize(
  path: String, limits: ImageLimits = .standard
) throws(ImageError) -> ImageSize {
  // A thumbnail or a colour profile may come before the size, but is seldom larger than this.
  let (start, isWhole) = try ImageFile.read(path, limits: limits, most: 1 << 16)
  do throws(ImageError) {
    // The orientation of a PNG may come after the pixels.
    if isWhole { return try imageSize(bytes: start, name: path) }
    if try ImageFormat(start, name: path) == .jpeg {
      return try imageSize(bytes: start, name: path)
    }
  } catch {
    if isWhole { throw error }
  }
  return try imageSize(bytes: ImageFile.read(path, limits: limits).bytes, name: path)
}

private func imageSize(bytes: [UInt8], name: String) throws(ImageError) -> ImageSize {
  let format = try ImageFormat(bytes, name: name)
  return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
    switch format {
    case .jpeg:
      let reader = try JPEGReader(buffer, name: name)
      return reader.orientation.turned(reader.size)
    case .png:
      return try PNGFile(buffer, name: name).size()
    }
  }
}
