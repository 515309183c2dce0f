/// A PNG file in memory. The bytes must outlive it.
struct PNGFile {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let name: String
  private let chunks: PNGChunks

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) {
    self.bytes = bytes
    self.name = name
    chunks = PNGChunks(bytes: bytes)
  }

  /// Returns the size of the upright image.
  func size() throws(ImageError) -> ImageSize {
    let size = try reading { bytes, _ throws(ImageError) in try PNGReader(bytes, name: name).size }
    return PNGMetadata(chunks).orientation.turned(size)
  }

  /// Decodes the image, drops alpha and turns it upright.
  func image(limits: ImageLimits) throws(ImageError) -> RGBImage {
    try decoded(limits) { reader, needsEnd throws(ImageError) in
      try reader.image(needsEnd: needsEnd)
    }.upright(from: PNGMetadata(chunks).orientation)
  }

  /// Reads the samples of the image and turns it upright.
  func samples(limits: ImageLimits) throws(ImageError) -> FileSamples {
    try decoded(limits) { reader, needsEnd throws(ImageError) in
      try reader.samples(needsEnd: needsEnd)
    }.upright(from: PNGMetadata(chunks).orientation)
  }

  /// Has `decode` read the pixels of the file, whose limits are checked before.
  private func decoded<Result>(
    _ limits: ImageLimits,
    _ decode: (consuming PNGReader, _ needsEnd: Bool) throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    try reading { bytes, plain throws(ImageError) in
      let reader = try PNGReader(bytes, name: name)
      try limits.check(reader.size, name: name)
      if let plain, !plain.isWhole(bytes: reader.bytesBeforeCompression) {
        throw ImageError(name, .damaged("the pixels are not complete"))
      }
      return try decode(reader, plain == nil)
    }
  }

  /// Reads the file or, if libpng finds damage in it, its plain form.
  private func reading<Result>(
    _ read: (UnsafeBufferPointer<UInt8>, PlainPNG?) throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    let first: ImageError
    do throws(ImageError) { return try read(bytes, nil) } catch { first = error }
    guard first.isDamage, let plain = PlainPNG(chunks) else { throw first }
    do throws(ImageError) {
      return try plain.file.withUnsafeBufferPointer { bytes throws(ImageError) in
        try read(bytes, plain)
      }
    } catch {
      throw error.isDamage ? first : error
    }
  }
}

extension ImageError {
  fileprivate var isDamage: Bool { if case .damaged = problem { true } else { false } }
}
