/// A format of images, recognised by the first bytes of a file. This is the one table of formats:
/// endings, messages and `dinod --version` follow it.
package enum ImageFormat: String, CaseIterable, Sendable {
  case jpeg = "JPEG"
  case png = "PNG"
  case tiff = "TIFF"
  case webp = "WebP"
  case gif = "GIF"
  case bmp = "BMP"
  /// The three formats of Netpbm.
  case ppm = "PPM"

  /// The format's name, such as `JPEG`.
  package var name: String { rawValue }

  /// The usual endings of file names, without the dot, in small letters.
  package var endings: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg"]
    case .png: ["png"]
    case .tiff: ["tif", "tiff"]
    case .webp: ["webp"]
    case .gif: ["gif"]
    case .bmp: ["bmp"]
    case .ppm: ["ppm", "pgm", "pbm", "pnm"]
    }
  }

  /// What a file of this format begins with: one of these. Each is a list of texts with the offsets
  /// at which they stand.
  private var marks: [[(offset: Int, bytes: [UInt8])]] {
    switch self {
    case .jpeg: [[(0, [0xFF, 0xD8, 0xFF])]]
    case .png: [[(0, [0x89] + "PNG\r\n\u{1A}\n".utf8)]]
    case .tiff: ["II*\0", "MM\0*", "II+\0", "MM\0+"].map { [(0, Array($0.utf8))] }
    case .webp: [[(0, Array("RIFF".utf8)), (8, Array("WEBP".utf8))]]
    case .gif: ["GIF87a", "GIF89a"].map { [(0, Array($0.utf8))] }
    // Two letters are few, so the size of the header that follows counts too.
    case .bmp: Self.headerSizes.map { [(0, Array("BM".utf8)), (14, [$0, 0, 0, 0])] }
    case .ppm: (1...6).flatMap { kind in " \t\n\r".utf8.map { [(0, "P\(kind)".utf8 + [$0])] } }
    }
  }

  /// The sizes of headers that BMP files have had.
  private static let headerSizes: [UInt8] = [12, 16, 40, 52, 56, 64, 108, 124]

  /// The Debian package that this build lacks to read the format; `nil` if it reads it.
  package var missingPackage: String? {
    switch self {
    #if !canImport(CTIFF)
      case .tiff: return "libtiff-dev"
    #endif
    #if !canImport(CWebP)
      case .webp: return "libwebp-dev"
    #endif
    #if !canImport(CGIF)
      case .gif: return "libgif-dev"
    #endif
    default: return nil
    }
  }

  /// The formats that this build reads.
  package static let readable = allCases.filter { $0.missingPackage == nil }

  /// The usual endings of the formats that this build reads, without the dot, in small letters.
  package static let usualEndings = readable.flatMap(\.endings)

  /// Returns the names of the formats that this build reads as a list that ends with `word`, such
  /// as `JPEG, PNG and TIFF`.
  package static func list(_ word: String) -> String {
    let names = readable.map(\.name)
    return names.dropLast().joined(separator: ", ") + " \(word) " + names.last!
  }

  /// Recognises a format; `nil` if the bytes begin like no file of these formats.
  package init?(_ start: some Collection<UInt8>) {
    let known = Self.allCases.first { format in
      format.marks.contains { mark in
        mark.allSatisfy { start.dropFirst($0.offset).starts(with: $0.bytes) }
      }
    }
    guard let known else { return nil }
    self = known
  }

  /// The signatures of other formats and their offsets in a file.
  private static let others: [(signature: String, offset: Int, name: String)] = [
    ("ftypavif", 4, "AVIF"), ("ftyphe", 4, "HEIC"), ("ftypmif1", 4, "HEIC"),
    ("ftyp", 4, "a video"), ("\0\0\0\u{C}jP  ", 0, "JPEG 2000"), ("8BPS", 0, "Photoshop"),
    ("%PDF", 0, "PDF"), ("PK\u{3}\u{4}", 0, "a zip archive"),
    ("SIMPLE  =", 0, "FITS"), ("\0\0\0\u{C}JXL ", 0, "JPEG XL"),
  ]

  /// Returns what bytes that begin like no file of these formats look like.
  static func look(of bytes: [UInt8]) -> String {
    let known = others.first { bytes.dropFirst($0.offset).starts(with: $0.signature.utf8) }
    if let known { return known.name }
    let isText = bytes.prefix(512).allSatisfy {
      (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0)
    }
    return isText ? "text" : "unknown data"
  }
}
