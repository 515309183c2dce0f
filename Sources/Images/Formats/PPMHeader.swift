/// The header of a PPM, PGM or PBM file: a kind, the size, and the greatest value of a sample.
struct PPMHeader {
  let file: ImageInput
  let size: ImageSize
  let channels: Int
  /// Whether numbers are written in digits.
  let isText: Bool
  /// The greatest value; `nil` if pixels are bits.
  let most: Int?
  /// Where the pixels begin.
  let rest: ByteCursor

  init(_ file: ImageInput) throws(ImageError) {
    var cursor = ByteCursor(file.bytes, at: 1)
    func next() throws(ImageError) -> Int {
      guard let number = try Self.number(&cursor, file) else {
        throw file.error(.damaged("its header is not whole"))
      }
      return number
    }
    let kind = Int(cursor.byte() ?? 0) - 0x30
    (channels, isText) = (kind % 3 == 0 ? 3 : 1, kind <= 3)
    size = ImageSize(width: try next(), height: try next())
    most = kind % 3 == 1 ? nil : try next()
    guard size.width > 0, size.height > 0 else {
      throw file.error(.damaged("it has no width or no height"))
    }
    if let most, !(1...65535).contains(most) {
      throw file.error(.damaged("its greatest value is \(most), and has to be 1 to 65535"))
    }
    (self.file, rest) = (file, cursor)
  }

  /// Returns the next sign, of a comment the end of its line; `nil` at the end.
  static func sign(_ cursor: inout ByteCursor) -> UInt8? {
    let sign = cursor.byte()
    guard sign == UInt8(ascii: "#") else { return sign }
    while let next = cursor.byte() { if next == 0x0A || next == 0x0D { return next } }
    return nil
  }

  static func isSpace(_ sign: UInt8) -> Bool { sign == 0x20 || (0x09...0x0D).contains(sign) }

  /// Returns the next number, and reads the space behind it; `nil` at the end.
  static func number(_ cursor: inout ByteCursor, _ file: ImageInput) throws(ImageError) -> Int? {
    var number: Int?
    while let sign = Self.sign(&cursor) {
      if isSpace(sign) {
        if let number { return number }
        continue
      }
      guard (0x30...0x39).contains(sign), number ?? 0 < 1_000_000_000 else {
        throw file.error(.damaged("a number that is none, or too long"))
      }
      number = (number ?? 0) * 10 + Int(sign) - 0x30
    }
    return number
  }
}
