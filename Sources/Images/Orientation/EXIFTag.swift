/// What EXIF says about the orientation (EXIF 2.3, tag 0x0112).
///
/// The first directory is read as PIL reads it, so that the many programs that write EXIF in odd
/// ways are understood. Other directories are not followed.
enum EXIFTag: Equatable {
  /// The value of the tag; `nil` if it is not a whole number.
  case value(Int?)
  /// There is no such tag before the data end.
  case absent
  /// The data do not begin with a TIFF header.
  case unreadable

  private static let identifier = Array("Exif\0\0".utf8)
  /// Byte order and magic number. The last two mix the orders up; some programs write them.
  private static let headers = ["II*\0", "MM\0*", "MM*\0", "II\0*"]
  private static let orientation: UInt64 = 0x0112

  /// Reads the tag. Any data may be given.
  static func orientation(in data: UnsafeBufferPointer<UInt8>) -> EXIFTag {
    var rest = data[...]
    for _ in 0..<2 where rest.starts(with: identifier) { rest = rest.dropFirst(identifier.count) }
    if rest.isEmpty { return .absent }
    guard rest.count >= 8, headers.contains(where: { rest.starts(with: $0.utf8) }) else {
      return .unreadable
    }
    let numbers = Numbers(bytes: rest, isLittleEndian: rest.first == UInt8(ascii: "I"))
    return find(numbers)
  }

  /// Searches the first directory. As in PIL, entries of an unknown type or without a value are
  /// skipped, and one whose value lies beyond the end ends the directory.
  private static func find(_ numbers: Numbers) -> EXIFTag {
    guard let directory = numbers.unsigned(at: 4, bytes: 4),
      let count = numbers.unsigned(at: Int(directory), bytes: 2)
    else { return .absent }
    var distant = 0
    for entry in 0..<Int(count) {
      let at = Int(directory) + 2 + entry * 12
      guard let tag = numbers.unsigned(at: at, bytes: 2),
        let code = numbers.unsigned(at: at + 2, bytes: 2),
        let length = numbers.unsigned(at: at + 4, bytes: 4),
        let offset = numbers.unsigned(at: at + 8, bytes: 4)
      else { return .absent }
      guard let type = Kind(rawValue: code), length > 0 else { continue }
      let size = Int(length) * type.size
      if size > 4 {
        distant += size
        if distant > numbers.bytes.count { continue }
        guard Int(offset) + size <= numbers.bytes.count else { return .absent }
      }
      if tag == orientation {
        return .value(numbers.value(at: size > 4 ? Int(offset) : at + 8, type))
      }
    }
    return .absent
  }

  /// The types of values, by their codes in TIFF.
  fileprivate enum Kind: UInt64 {
    case byte = 1
    case text, short, long, rational, signedByte, undefined, signedShort, signedLong
    case signedRational, float, double, directory
    case long8 = 16

    /// The size of one value in bytes.
    var size: Int {
      switch self {
      case .byte, .text, .signedByte, .undefined: 1
      case .short, .signedShort: 2
      case .long, .signedLong, .float, .directory: 4
      case .rational, .signedRational, .double, .long8: 8
      }
    }
  }
}

/// The numbers in EXIF data.
private struct Numbers {
  let bytes: Slice<UnsafeBufferPointer<UInt8>>
  let isLittleEndian: Bool

  /// Returns the number at an offset; `nil` if it is not within the data.
  func unsigned(at offset: Int, bytes count: Int) -> UInt64? {
    guard offset + count <= bytes.count else { return nil }
    let digits = bytes.dropFirst(offset).prefix(count)
    let value = { (value: UInt64, byte: UInt8) in value << 8 | UInt64(byte) }
    return isLittleEndian ? digits.reversed().reduce(0, value) : digits.reduce(0, value)
  }

  /// Returns a value if it is a whole number. PIL takes bytes and text for no numbers.
  func value(at offset: Int, _ type: EXIFTag.Kind) -> Int? {
    guard let bits = unsigned(at: offset, bytes: type.size) else { return nil }
    switch type {
    case .byte, .text, .undefined: return nil
    case .short, .long, .directory, .long8: return Int(exactly: bits)
    case .signedByte: return Int(Int8(truncatingIfNeeded: bits))
    case .signedShort: return Int(Int16(truncatingIfNeeded: bits))
    case .signedLong: return Int(Int32(truncatingIfNeeded: bits))
    case .float: return Int(exactly: Float(bitPattern: UInt32(bits)))
    case .double: return Int(exactly: Double(bitPattern: bits))
    case .rational, .signedRational:
      let parts = [offset, offset + 4].map { Int(unsigned(at: $0, bytes: 4)!) }
      let signed = type == .signedRational
      let (value, unit) = (
        signed ? Int(Int32(truncatingIfNeeded: parts[0])) : parts[0],
        signed ? Int(Int32(truncatingIfNeeded: parts[1])) : parts[1]
      )
      return unit != 0 && value % unit == 0 ? value / unit : nil
    }
  }
}
