/// The header of a BMP file of Windows (since 3.0) or OS/2.
struct BMPHeader {
  let size: ImageSize
  /// Whether the first row comes first in the file.
  let isTopDown: Bool
  let bits: Int
  let packing: Packing
  /// Red, green and blue of each index; those without a colour are black.
  let palette: [UInt8]
  /// Where the pixels begin.
  let start: Int

  /// How pixels are stored.
  enum Packing {
    /// As indices into the palette.
    case indices
    /// As runs of indices.
    case runs
    /// As numbers in which these bits are red, green and blue.
    case masks([Int])
  }

  private static let headerSizes = [12, 40, 52, 56, 64, 108, 124]
  private static let old = 12
  private static let os2 = 64
  private enum Compression { static let none = 0, runs8 = 1, runs4 = 2, masks = 3, masksAlpha = 6 }

  init(_ file: ImageInput) throws(ImageError) {
    func end() -> ImageError { file.error(.damaged("its header is not whole")) }
    var cursor = ByteCursor(file.bytes, at: 10)
    guard var start = cursor.number(4), let header = cursor.number(4) else { throw end() }
    guard Self.headerSizes.contains(header) else {
      throw file.error(.unsupported("a BMP header of \(header) bytes"))
    }
    let isOld = header == Self.old
    let side = isOld ? 2 : 4
    guard let width = cursor.number(side), let height = cursor.number(side),
      cursor.number(2) != nil, let bits = cursor.number(2)
    else { throw end() }
    isTopDown = !isOld && height >> 24 == 0xFF
    self.bits = bits
    size = ImageSize(width: width, height: isTopDown ? 1 << 32 - height : height)
    guard size.width > 0, size.height > 0 else {
      throw file.error(.damaged("it has no width or no height"))
    }
    var (compression, colours) = (Compression.none, 0)
    if !isOld {
      guard let kind = cursor.number(4), cursor.take(12) != nil, let count = cursor.number(4),
        cursor.take(4) != nil
      else { throw end() }
      (compression, colours) = (kind, count)
    }
    guard let packing = Self.packing(cursor, header, compression, bits) else {
      throw file.error(.unsupported("BMP compression \(compression) with \(bits) bits a pixel"))
    }
    self.packing = packing
    // The masks follow a header that has no room for them.
    let hasMasks = header == 40 && compression == Compression.masks
    let table = 14 + header + (hasMasks ? 12 : 0)
    if colours == 0 { colours = bits <= 8 ? 1 << bits : 0 }
    let entry = isOld ? 3 : 4
    palette = bits <= 8 ? Self.palette(file.bytes, table, colours: colours, entry: entry) : []
    let behind = table + (bits <= 8 ? colours * entry : 0)
    // Some writers forget that the palette comes between.
    if start == 0 || start == 14 + header && bits <= 8 { start = behind }
    self.start = start
  }

  /// Returns how pixels are stored; `nil` if that is unknown. `cursor` is behind the first 40 bytes
  /// of the header.
  private static func packing(
    _ cursor: ByteCursor, _ header: Int, _ compression: Int, _ bits: Int
  ) -> Packing? {
    let usual = bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]
    switch (compression, bits) {
    case (Compression.none, 1), (Compression.none, 4), (Compression.none, 8): return .indices
    case (Compression.runs8, 8), (Compression.runs4, 4): return .runs
    case (Compression.none, 16), (Compression.none, 24), (Compression.none, 32):
      return .masks(usual)
    case (Compression.masks, 16), (Compression.masks, 24), (Compression.masks, 32),
      (Compression.masksAlpha, 16), (Compression.masksAlpha, 32):
      guard header != os2 else { return nil }
      var cursor = cursor
      let masks = [cursor.number(4), cursor.number(4), cursor.number(4)].compactMap(\.self)
      return masks.count < 3 || masks.allSatisfy { $0 == 0 } ? .masks(usual) : .masks(masks)
    default: return nil
    }
  }

  /// Reads as much of a palette as there is.
  private static func palette(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, colours: Int, entry: Int
  ) -> [UInt8] {
    var cursor = ByteCursor(bytes, at: start)
    var palette = [UInt8](repeating: 0, count: 256 * 3)
    for index in 0..<min(colours, 256) {
      guard let colour = cursor.take(entry) else { break }
      for channel in 0..<3 { palette[index * 3 + channel] = colour[2 - channel] }
    }
    return palette
  }
}
