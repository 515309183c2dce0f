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
    let image = try reading { bytes, plain throws(ImageError) in
      let reader = try PNGReader(bytes, name: name)
      try limits.check(reader.size, name: name)
      if let plain, !plain.isWhole(bytes: reader.bytesBeforeCompression) {
        throw ImageError(name, .damaged("the pixels are not complete"))
      }
      return try reader.image(needsEnd: plain == nil)
    }
    return image.upright(from: PNGMetadata(chunks).orientation)
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
