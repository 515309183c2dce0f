/// The picture in the file at `path`, JPEG or PNG by its content, upright by its EXIF orientation.
///
/// Values are those of PIL's `Image.open(path).convert("RGB")` after `ImageOps.exif_transpose`:
/// alpha is dropped, not blended; profiles and gamma are not applied.
/// `scale` is asked of a JPEG alone, and the picture comes at what it answers (as with PIL's `draft`):
/// a large photograph whose crops are small then takes about half the time and a fraction of the
/// memory. A PNG always comes whole. All bytes of a file are read at any scale, so that one cut short
/// is found.
/// Safe to call from any thread.
package func decode(
  path: String, scale: ScaleChoice = { _ in .whole }, limits: ImageLimits = .standard
) throws(ImageError) -> RGBImage {
  let file = try ImageFile.read(path, limits: limits)
  return try decode(bytes: file.bytes, name: path, scale: scale, limits: limits)
}

/// The picture in a file's bytes; `name` stands in the errors. See `decode(path:)`.
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
      let reader = try PNGReader(buffer, name: name)
      try limits.check(reader.size, name: name)
      return try reader.image()
    }
  }
}

/// The size that `decode(path:)` would give, read from the file's header alone.
package func imageSize(
  path: String, limits: ImageLimits = .standard
) throws(ImageError) -> ImageSize {
  // A thumbnail or a colour profile may push the size far into the file, but seldom farther.
  let (start, isWhole) = try ImageFile.read(path, limits: limits, most: 1 << 16)
  do {
    return try imageSize(bytes: start, name: path)
  } catch {
    if isWhole { throw error }
    return try imageSize(bytes: ImageFile.read(path, limits: limits).bytes, name: path)
  }
}

private func imageSize(bytes: [UInt8], name: String) throws(ImageError) -> ImageSize {
  let format = try ImageFormat(bytes, name: name)
  return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
    switch format {
    case .jpeg:
      let reader = try JPEGReader(buffer, name: name)
      return reader.orientation.turned(reader.size)
    case .png:
      let reader = try PNGReader(buffer, name: name)
      return reader.orientation.turned(reader.size)
    }
  }
}
