/// The format of a file, recognised by its first bytes.
enum ImageFormat {
  case jpeg
  case png

  /// Throws if the bytes do not begin like a JPEG or PNG file.
  init(_ bytes: [UInt8], name: String) throws(ImageError) {
    if bytes.isEmpty { throw ImageError(name, .empty) }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89] + "PNG\r\n\u{1A}\n".utf8) {
      self = .png
    } else {
      throw ImageError(name, .notAnImage(looksLike: Self.guess(bytes)))
    }
  }

  /// The signatures of other formats and their offsets in a file.
  private static let others: [(signature: String, offset: Int, name: String)] = [
    ("GIF8", 0, "GIF"), ("WEBP", 8, "WebP"), ("BM", 0, "BMP"),
    ("II*\0", 0, "TIFF"), ("MM\0*", 0, "TIFF"),
    ("ftypavif", 4, "AVIF"), ("ftyphe", 4, "HEIC"), ("ftypmif1", 4, "HEIC"),
    ("ftyp", 4, "a video"), ("\0\0\0\u{C}jP  ", 0, "JPEG 2000"), ("8BPS", 0, "Photoshop"),
    ("%PDF", 0, "PDF"), ("PK\u{3}\u{4}", 0, "a zip archive"),
    ("SIMPLE  =", 0, "FITS"), ("\0\0\0\u{C}JXL ", 0, "JPEG XL"),
  ]

  private static func guess(_ bytes: [UInt8]) -> String {
    let known = others.first { bytes.dropFirst($0.offset).starts(with: $0.signature.utf8) }
    if let known { return known.name }
    let isText = bytes.prefix(512).allSatisfy {
      (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0)
    }
    return isText ? "text" : "unknown data"
  }
}
