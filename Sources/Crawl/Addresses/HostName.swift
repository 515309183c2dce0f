/// Hosts of addresses in their canonical spelling (url.spec.whatwg.org, host parsing).
enum HostName {
  /// Characters that no name has, besides control characters.
  private static let forbidden = Set(" #/:<>?@[\\]^|%\u{7F}".utf8)
  /// The most bytes of a name (RFC 1035, 2.3.4).
  private static let mostBytes = 253

  /// Returns the canonical spelling; `nil` if the bytes are no host. Numbers in any of the forms that
  /// the C library takes become the IPv4 address that they stand for. A dot at the end goes, so that
  /// a host has one name.
  static func canonical(_ bytes: ArraySlice<UInt8>) -> String? {
    if bytes.first == UInt8(ascii: "[") {
      guard bytes.last == UInt8(ascii: "]") else { return nil }
      return IPAddress(v6: String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)).map {
        "[\($0)]"
      }
    }
    guard let text = String(validating: PercentEncoding.decoded(bytes), as: UTF8.self),
      let name = ascii(text), !name.isEmpty, name.utf8.count <= mostBytes + 1,
      name.utf8.allSatisfy({ $0 > 0x20 && !forbidden.contains($0) })
    else { return nil }
    var labels = name.split(separator: ".", omittingEmptySubsequences: false)
    if labels.last == "" { labels.removeLast() }
    guard let last = labels.last, !labels.contains("") else { return nil }
    return isNumber(last) ? ipv4(labels).map { "\($0)" } : labels.joined(separator: ".")
  }

  /// Returns a name in small letters and with ASCII alone. Letters are not composed as UTS 46 asks.
  private static func ascii(_ text: String) -> String? {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
    var name = String.UnicodeScalarView()
    for scalar in text.lowercased().unicodeScalars {
      switch scalar.value {
      case 0xAD, 0x200B, 0x2060, 0xFEFF: continue
      case 0x3002, 0xFF0E, 0xFF61: name.append(".")
      // Letters of full width are those of ASCII.
      case 0xFF01...0xFF5E: name.append(Unicode.Scalar(scalar.value - 0xFEE0)!)
      default: name.append(scalar)
      }
    }
    var labels: [String] = []
    for label in String(name).lowercased().split(separator: ".", omittingEmptySubsequences: false) {
      guard let coded = Punycode.label(label) else { return nil }
      labels.append(coded)
    }
    return labels.joined(separator: ".")
  }

  /// Whether a last label makes the whole an IPv4 address, or nothing.
  private static func isNumber(_ label: Substring) -> Bool {
    !label.isEmpty && (label.utf8.allSatisfy(ASCII.isDigit) || number(label) != nil)
  }

  /// Parses digits that are decimal, octal behind `0` or hexadecimal behind `0x`.
  private static func number(_ label: Substring) -> UInt64? {
    if label.hasPrefix("0x") {
      let digits = label.dropFirst(2)
      guard digits.utf8.allSatisfy({ ASCII.hex($0) != nil }) else { return nil }
      return digits.isEmpty ? 0 : UInt64(digits, radix: 16)
    }
    guard !label.isEmpty, label.utf8.allSatisfy(ASCII.isDigit) else { return nil }
    return label.count > 1 && label.hasPrefix("0") ? UInt64(label, radix: 8) : UInt64(label)
  }

  private static func ipv4(_ labels: [Substring]) -> IPAddress? {
    let numbers = labels.map(number)
    guard (1...4).contains(numbers.count), !numbers.contains(nil) else { return nil }
    let last = numbers.last!!
    guard numbers.dropLast().allSatisfy({ $0! < 256 }),
      last < UInt64(1) << (8 * (5 - numbers.count))
    else { return nil }
    var address = last
    for (place, number) in numbers.dropLast().enumerated() {
      address += number! << (24 - 8 * place)
    }
    return IPAddress(v4: UInt32(address))
  }
}
