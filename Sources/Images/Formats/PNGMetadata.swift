import CPNG

/// The metadata of a PNG file that give its orientation, found where PIL finds them: in the EXIF
/// chunk, in EXIF that ImageMagick writes as hexadecimal text, and in an XMP text. They may come
/// before or after the pixels.
struct PNGMetadata {
  private var exif: [UInt8]?
  private var profile: [UInt8]?
  private var xmp: [UInt8] = []
  private var xmpBytes: [UInt8] = []
  /// How many bytes of inflated text are still allowed.
  private var allowance = 64 * mostText

  /// The most bytes of an inflated text. A larger one is left out.
  private static let mostText = 1 << 20
  private static let xmpKey = Array("XML:com.adobe.xmp".utf8)
  private static let profileKey = Array("Raw profile type exif".utf8)
  private static let identifier = Array("Exif\0\0".utf8)

  init(_ chunks: PNGChunks) {
    let exifType = PNGChunks.type("eXIf")
    let text = PNGChunks.type("tEXt")
    let compressed = PNGChunks.type("zTXt")
    let international = PNGChunks.type("iTXt")
    chunks.visit { chunk in
      switch chunk.type {
      case _ where !chunk.isComplete: break
      case exifType: exif = Self.identifier + chunk.data
      case text: readText(chunk.data)
      case compressed: readCompressed(chunk.data)
      case international: readInternational(chunk.data)
      default: break
      }
    }
  }

  /// The orientation that the metadata give.
  var orientation: Orientation {
    Orientation(
      exif: exif ?? profile.map(Self.exif(profile:)) ?? [], xmp: xmp.isEmpty ? xmpBytes : xmp)
  }

  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  /// Splits bytes at the first zero, which belongs to neither part.
  private static func split(_ bytes: Bytes) -> (first: Bytes, rest: Bytes)? {
    bytes.firstIndex(of: 0).map { (bytes[..<$0], bytes[($0 + 1)...]) }
  }

  private mutating func readText(_ data: Bytes) {
    guard let (key, text) = Self.split(data) else { return }
    if key.elementsEqual("exif".utf8) { exif = Array(text) }
    if isWanted(key) { keep(Array(text), key) }
  }

  private mutating func readCompressed(_ data: Bytes) {
    guard let (key, rest) = Self.split(data), isWanted(key), rest.first == 0 else { return }
    // Like PIL, take a damaged text for an empty one.
    keep(inflated(rest.dropFirst()) ?? [], key)
  }

  private mutating func readInternational(_ data: Bytes) {
    guard let (key, rest) = Self.split(data), isWanted(key), rest.count >= 2,
      let (language, translated) = Self.split(rest.dropFirst(2)),
      let (name, text) = Self.split(translated)
    else { return }
    let isCompressed = rest.first != 0
    guard !isCompressed || rest.dropFirst().first == 0,
      let text = isCompressed ? inflated(text) : Array(text)
    else { return }
    if key.elementsEqual(Self.xmpKey) { xmpBytes = text }
    let isText =
      String(validating: language, as: UTF8.self) != nil
      && String(validating: name, as: UTF8.self) != nil
      && String(validating: text, as: UTF8.self) != nil
    if isText { keep(text, key) }
  }

  private func isWanted(_ key: Bytes) -> Bool {
    key.elementsEqual(Self.xmpKey) || key.elementsEqual(Self.profileKey)
  }

  private mutating func keep(_ text: [UInt8], _ key: Bytes) {
    if key.elementsEqual(Self.xmpKey) { xmp = text } else { profile = text }
  }

  /// Returns the bytes that are compressed in a text; `nil` if they are damaged or too many.
  private mutating func inflated(_ bytes: Bytes) -> [UInt8]? {
    guard allowance >= Self.mostText else { return nil }
    var end = DINO_INFLATION_DAMAGED
    let text = [UInt8](unsafeUninitializedCapacity: Self.mostText) { buffer, count in
      let bytes = UnsafeBufferPointer(rebasing: bytes)
      end = dino_inflate(
        bytes.baseAddress, bytes.count, buffer.baseAddress, Self.mostText, &count)
    }
    allowance -= text.count
    return end == DINO_INFLATION_ENDED || end == DINO_INFLATION_CUT ? text : nil
  }

  /// Returns the bytes of a raw profile: three lines, the third with their number, and then their
  /// hexadecimal digits. Text that is not of this form is returned as it is; it is not EXIF.
  private static func exif(profile: [UInt8]) -> [UInt8] {
    let lines = profile.split(separator: 0x0A, omittingEmptySubsequences: false)
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in lines.dropFirst(3).joined() {
      let value: UInt8
      switch digit {
      case 0x30...0x39: value = digit - 0x30
      case 0x41...0x46: value = digit - 0x41 + 10
      case 0x61...0x66: value = digit - 0x61 + 10
      case 0x09...0x0D,
        0x20 where high == nil:
        continue
      default: return profile
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : profile
  }
}
