import CPNG

/// What of a PNG file concerns the pixels: header, palette and compressed pixels.
///
/// libpng refuses files for what does not concern the pixels, such as an unknown or misplaced chunk,
/// a wrong checksum or a missing end. PIL decodes them, and so does Dino, in this form.
struct PlainPNG {
  private let header: [UInt8]
  private let palette: [UInt8]?
  private let pixels: [UInt8]

  /// Returns `nil` if the file has no header or no pixels.
  init?(_ chunks: PNGChunks) {
    var header: [UInt8]?
    var palette: [UInt8]?
    var pixels: [UInt8] = []
    var hasPixels = false
    var isDone = false
    chunks.visit { chunk in
      // The pixels end with the first other chunk.
      isDone = isDone || hasPixels && chunk.type != PNGChunks.pixels
      switch chunk.type {
      case _ where isDone: break
      case PNGChunks.header where chunk.data.count >= 13: header = Array(chunk.data.prefix(13))
      case PNGChunks.palette: palette = Array(chunk.data.prefix(chunk.data.count / 3 * 3))
      case PNGChunks.pixels:
        hasPixels = true
        pixels += chunk.data
      default: break
      }
    }
    guard var header, hasPixels else { return nil }
    // There is only one method of compression, whatever the header calls it.
    header[10] = 0
    self.header = header
    let usesPalette = header[9] == 3
    self.palette = usesPalette ? palette : nil
    self.pixels = pixels
  }

  /// The bytes of a file with only these chunks.
  var file: [UInt8] {
    var bytes = PNGChunks.signature
    bytes.reserveCapacity(pixels.count + 1 << 10)
    PNGChunks.append(PNGChunks.header, header, to: &bytes)
    if let palette { PNGChunks.append(PNGChunks.palette, palette, to: &bytes) }
    PNGChunks.append(PNGChunks.pixels, pixels, to: &bytes)
    PNGChunks.append(PNGChunks.end, [], to: &bytes)
    return bytes
  }

  /// The most bytes that may follow the pixels in the compressed data.
  private static let mostExtra = 1 << 20

  /// Returns whether the compressed pixels are complete. Their own checksum must be right, unless it
  /// is missing.
  ///
  /// - Parameter count: the number of bytes that the pixels have before compression.
  func isWhole(bytes count: Int) -> Bool {
    var made = 0
    switch dino_inflate(pixels, pixels.count, nil, count + Self.mostExtra, &made) {
    case DINO_INFLATION_ENDED, DINO_INFLATION_CUT: return made >= count
    default: return false
    }
  }
}
