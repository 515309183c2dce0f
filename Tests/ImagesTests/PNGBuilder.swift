/// Writes PNG files chunk by chunk.
enum PNGBuilder {
  static let signature: [UInt8] = [0x89] + "PNG\r\n\u{1A}\n".utf8

  static func number(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) }
  }

  /// Returns a chunk, with a wrong checksum if `isSound` is false.
  static func chunk(_ type: String, _ data: [UInt8], isSound: Bool = true) -> [UInt8] {
    let body = Array(type.utf8) + data
    return number(data.count) + body + number(Int(crc(body) ^ (isSound ? 0 : 1)))
  }

  static func header(
    width: Int, height: Int, depth: UInt8 = 8, color: UInt8, compression: UInt8 = 0
  ) -> [UInt8] {
    chunk("IHDR", number(width) + number(height) + [depth, color, compression, 0, 0])
  }

  /// Returns a file of one row.
  static func row(_ data: [UInt8], width: Int, depth: UInt8, color: UInt8) -> [UInt8] {
    signature + header(width: width, height: 1, depth: depth, color: color)
      + chunk("IDAT", zlib([0] + data)) + chunk("IEND", [])
  }

  /// Returns the 24 × 16 picture of `rgb.png` with chunks before and after its pixels.
  static func rgb(before: [UInt8] = [], after: [UInt8] = []) throws -> [UInt8] {
    let bytes = try Fixture.bytes("rgb.png")
    let pixels = bytes[33...].dropLast(12)
    return [bytes[..<33], before[...], pixels, after[...], bytes.suffix(12)].flatMap { $0 }
  }

  /// Returns bytes in zlib's format, without compression.
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: max(1, bytes.count), by: 0xFFFF) {
      let piece = bytes[start..<min(start + 0xFFFF, bytes.count)]
      let (low, high) = (UInt8(piece.count & 0xFF), UInt8(piece.count >> 8))
      result += [start + 0xFFFF < bytes.count ? 0 : 1, low, high, ~low, ~high] + piece
    }
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    return result + number(b << 16 | a)
  }

  /// Returns a file with the checksum that each chunk should have, up to one that is not whole.
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var place = signature.count
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + length
      guard end + 4 <= bytes.count else { break }
      bytes.replaceSubrange(end..<end + 4, with: number(Int(crc(Array(bytes[place + 4..<end])))))
      place = end + 4
    }
    return bytes
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
        let isOdd = value & 1 == 1
        return isOdd ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }
}

/// Texts with metadata.
extension PNGBuilder {
  /// EXIF with the orientation `value`.
  static func exif(_ value: UInt8) -> [UInt8] {
    Array("Exif\0\0II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]
      + [0, 0, 0, 0]
  }

  /// An XMP packet with the orientation `value`.
  static func xmp(_ value: Int) -> [UInt8] { Array("<x tiff:Orientation=\"\(value)\"/>".utf8) }

  /// Bytes as ImageMagick writes them into a text.
  static func profile(_ bytes: [UInt8]) -> [UInt8] {
    Array("\nexif\n      \(bytes.count)\n".utf8) + hexadecimal(bytes, line: 72) + [0x0A]
  }

  /// Hexadecimal digits, `most` a line.
  static func hexadecimal(_ bytes: [UInt8], line most: Int) -> [UInt8] {
    let hex = Array("0123456789abcdef".utf8)
    var digits: [UInt8] = []
    for byte in bytes {
      if digits.count % (most + 1) == most { digits.append(0x0A) }
      digits += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
    }
    return digits
  }

  static func plainText(_ key: String, _ text: [UInt8]) -> [UInt8] {
    chunk("tEXt", Array(key.utf8) + [0] + text)
  }

  static func compressedText(_ key: String, _ text: [UInt8]) -> [UInt8] {
    chunk("zTXt", Array(key.utf8) + [0, 0] + zlib(text))
  }

  static func internationalText(
    _ key: String, _ text: [UInt8], isCompressed: Bool = false
  ) -> [UInt8] {
    let start = Array(key.utf8) + [0, isCompressed ? 1 : 0, 0] + Array("en".utf8) + [0, 0]
    return chunk("iTXt", start + (isCompressed ? zlib(text) : text))
  }

  static let profileKey = "Raw profile type exif"
  static let xmpKey = "XML:com.adobe.xmp"

  /// Chunks that turn a picture, one for each place where PIL looks.
  static var texts: [[UInt8]] {
    [
      chunk("eXIf", Array(exif(6).dropFirst(6))),
      plainText(profileKey, profile(exif(6))),
      compressedText(profileKey, profile(exif(6))),
      internationalText(profileKey, profile(exif(6))),
      internationalText(profileKey, profile(exif(6)), isCompressed: true),
      plainText("exif", exif(6)),
      plainText(xmpKey, xmp(6)),
      compressedText(xmpKey, xmp(6)),
      internationalText(xmpKey, xmp(6)),
      internationalText(xmpKey, xmp(6), isCompressed: true),
    ]
  }
}
