/// Decodes the bytes of a file into the channels that a network is given, with all bits of its
/// samples, upright. Errors name it `name`.
///
/// Samples are those that the file stores: of TIFF, PNG and PPM files with any number of bits, of
/// all other formats, of palettes and of colours that are no RGB those of `decode(bytes:)`. Alpha is
/// dropped unless `format` asks for as many channels as the file has samples. A TIFF file with as
/// many pages of one sample as channels are asked for is an image with a channel on each page. Any
/// thread may call.
///
/// Throws if the file has another number of channels, except that red, green and blue become one
/// channel of grey (ITU-R 601), and grey becomes three equal channels.
package func decodeSamples(
  bytes: [UInt8], name: String, format: SampleFormat, scale: ScaleChoice = { _ in .whole },
  limits: ImageLimits = .standard
) throws(ImageError) -> SampleImage {
  try limits.check(bytes: bytes.count, name: name)
  let codec = try ImageFormat.recognised(bytes, name: name).codec(for: name)
  return try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
    let file = ImageInput(bytes: buffer, name: name, limits: limits)
    return try codec.samples(of: file, channels: format.channels, scale: scale)
      .image(format, name: name)
  }
}

/// Returns what a file stores of a pixel. Decodes it. Errors name it `name`.
package func storedSamples(
  bytes: [UInt8], name: String, limits: ImageLimits = .standard
) throws(ImageError) -> StoredSamples {
  try limits.check(bytes: bytes.count, name: name)
  let codec = try ImageFormat.recognised(bytes, name: name).codec(for: name)
  let samples = try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
    try codec.samples(
      of: ImageInput(bytes: buffer, name: name, limits: limits), channels: 3,
      scale: { _ in .eighth })
  }
  let bits = samples.depth.map { depth in
    Int((Double(depth.upperBound) - Double(depth.lowerBound) + 1).exponent)
  }
  return StoredSamples(channels: samples.colours, bits: bits)
}
