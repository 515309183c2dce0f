extension ImageFormat {
  /// Recognises the format of a file by its first bytes. Throws if they are those of none.
  static func recognised(_ bytes: [UInt8], name: String) throws(ImageError) -> ImageFormat {
    if bytes.isEmpty { throw ImageError(name, .empty) }
    if let format = ImageFormat(bytes) { return format }
    throw ImageError(name, .notAnImage(looksLike: look(of: bytes)))
  }

  /// Returns what reads files of this format. Throws if this build lacks the library for it.
  func codec(for name: String) throws(ImageError) -> any ImageCodec.Type {
    switch self {
    case .jpeg: return JPEGCodec.self
    case .png: return PNGCodec.self
    case .bmp: return BMPCodec.self
    case .ppm: return PPMCodec.self
    #if canImport(CTIFF)
      case .tiff: return TIFFCodec.self
    #endif
    #if canImport(CWebP)
      case .webp: return WebPCodec.self
    #endif
    #if canImport(CGIF)
      case .gif: return GIFCodec.self
    #endif
    #if !(canImport(CTIFF) && canImport(CWebP) && canImport(CGIF))
      default: throw leftOut(name)
    #endif
    }
  }

  /// The error of a file of a format that this build does not read.
  private func leftOut(_ name: String) -> ImageError {
    let package = missingPackage ?? "its library"
    return ImageError(
      name, .unsupported("this build reads no \(self.name); install \(package) and run make build"))
  }
}
