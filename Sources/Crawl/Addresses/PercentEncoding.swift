/// Kinds of ASCII characters.
enum ASCII {
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  /// Space, tab, line feed, form feed or carriage return.
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
  }

  static func lowered(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  /// The value of a hexadecimal digit; `nil` for other characters.
  static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  static let hexDigits = Array("0123456789ABCDEF".utf8)
}

/// Percent-encoding (RFC 3986, 2.1) with the sets of characters of url.spec.whatwg.org.
enum PercentEncoding {
  /// Characters besides control characters and those beyond ASCII that are encoded.
  private static let pathSet = Set(" \"#<>?^`{}".utf8)
  private static let querySet = Set(" \"#<>'".utf8)

  /// Encodes a segment of a path.
  static func path(_ bytes: ArraySlice<UInt8>) -> String { encoded(bytes, pathSet) }

  /// Encodes a query.
  static func query(_ bytes: ArraySlice<UInt8>) -> String { encoded(bytes, querySet) }

  private static func encoded(_ bytes: ArraySlice<UInt8>, _ set: Set<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte > 0x20 && byte < 0x7F && !set.contains(byte) {
        result.append(byte)
      } else {
        append(byte, to: &result)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func append(_ byte: UInt8, to result: inout [UInt8]) {
    result += [
      UInt8(ascii: "%"), ASCII.hexDigits[Int(byte >> 4)], ASCII.hexDigits[Int(byte & 15)],
    ]
  }

  /// Returns the bytes that a percent-encoded text stands for.
  static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var place = bytes.startIndex
    while place < bytes.endIndex {
      if let byte = escape(bytes, at: place) {
        result.append(byte)
        place += 3
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return result
  }

  /// The byte that the three characters at a place stand for; `nil` if they are no escape.
  private static func escape(_ bytes: ArraySlice<UInt8>, at place: Int) -> UInt8? {
    guard bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.endIndex,
      let high = ASCII.hex(bytes[place + 1]), let low = ASCII.hex(bytes[place + 2])
    else { return nil }
    return high << 4 | low
  }

  /// Returns the one spelling of an encoded text by which two are compared (RFC 9309, 2.2.2):
  /// unreserved characters as they are, all others that are escaped in capitals, and what is
  /// beyond ASCII escaped.
  static func comparable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var place = bytes.startIndex
    while place < bytes.endIndex {
      let escaped = escape(bytes, at: place)
      let byte = escaped ?? bytes[place]
      let isUnreserved = ASCII.isLetterOrDigit(byte) || "-._~".utf8.contains(byte)
      if byte > 0x7E || byte <= 0x20 || (escaped != nil && !isUnreserved) {
        append(byte, to: &result)
      } else {
        result.append(byte)
      }
      place += escaped == nil ? 1 : 3
    }
    return result
  }

  /// Returns 1 for a segment that is `.`, 2 for `..`, also if they are encoded, and 0 for others.
  static func dots(_ segment: ArraySlice<UInt8>) -> Int {
    guard (1...6).contains(segment.count) else { return 0 }
    let plain = decoded(segment)
    return plain.count <= 2 && plain.allSatisfy { $0 == UInt8(ascii: ".") } ? plain.count : 0
  }
}
