/// Text that stands for bytes, such as the name of a file.
///
/// A name is bytes to the system and text to people, and it need not be UTF-8. Each byte that is not
/// part of valid UTF-8 is kept in the text as one private-use character, U+10F780 for the byte 0x80
/// to U+10F7FF for 0xFF. Different bytes have different texts, so a file can be opened by the text
/// of its name. `PrintableText` shows these characters as `\x80` to `\xff`.
package enum ByteText {
  /// The characters that stand for bytes, and their code points' distance from the byte.
  private static let distance: UInt32 = 0x10F700
  private static let replaced: ClosedRange<UInt32> = 0x10F780...0x10F7FF

  /// Returns the text of bytes.
  package static func text(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self),
      !text.utf8.contains(0xF4) || !text.unicodeScalars.contains(where: { isReplacement($0) })
    {
      return text
    }
    var text = String.UnicodeScalarView()
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      // A name that has one of the characters itself is kept byte by byte too, so that no two names
      // have the same text.
      if let valid = String(validating: rest.prefix(length), as: UTF8.self),
        let scalar = valid.unicodeScalars.first, valid.unicodeScalars.count == 1,
        !isReplacement(scalar)
      {
        text.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        text.append(Unicode.Scalar(distance + UInt32(first))!)
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  /// Returns the text of a C string of the system, such as a folder entry's name.
  package static func text(_ name: UnsafePointer<CChar>) -> String {
    var count = 0
    while name[count] != 0 { count += 1 }
    return name.withMemoryRebound(to: UInt8.self, capacity: count) {
      text(UnsafeBufferPointer(start: $0, count: count))
    }
  }

  /// Returns the bytes of a text.
  package static func bytes(_ text: String) -> [UInt8] {
    guard text.utf8.contains(0xF4) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(scalar) { bytes.append(byte) } else { bytes += UTF8.encode(scalar)! }
    }
    return bytes
  }

  /// Returns the byte that a character of a text stands for; `nil` for other characters.
  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    isReplacement(scalar) ? UInt8(scalar.value - distance) : nil
  }

  private static func isReplacement(_ scalar: Unicode.Scalar) -> Bool {
    replaced.contains(scalar.value)
  }
}
