#if canImport(Glibc)
  import Glibc
#endif

/// Turns pages of any encoding into UTF-8 (encoding.spec.whatwg.org, as far as pages are read).
enum PageText {
  /// Names of encodings as pages write them, and what the C library calls these. Only they are taken:
  /// a page must not choose what the C library loads.
  private static let encodings: [String: String] = [
    "utf-8": "UTF-8", "utf8": "UTF-8", "us-ascii": "CP1252", "ascii": "CP1252",
    "iso-8859-1": "CP1252", "iso8859-1": "CP1252", "latin1": "CP1252", "windows-1252": "CP1252",
    "cp1252": "CP1252", "iso-8859-2": "ISO-8859-2", "iso-8859-5": "ISO-8859-5",
    "iso-8859-7": "ISO-8859-7", "iso-8859-9": "CP1254", "iso-8859-15": "ISO-8859-15",
    "windows-1250": "CP1250", "windows-1251": "CP1251", "cp1251": "CP1251",
    "windows-1253": "CP1253", "windows-1254": "CP1254", "windows-1255": "CP1255",
    "windows-1256": "CP1256", "windows-1257": "CP1257", "windows-1258": "CP1258",
    "windows-874": "CP874", "tis-620": "CP874", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U",
    "shift_jis": "CP932", "shift-jis": "CP932", "sjis": "CP932", "x-sjis": "CP932",
    "euc-jp": "EUC-JP", "iso-2022-jp": "ISO-2022-JP", "gb2312": "GB18030", "gbk": "GB18030",
    "gb18030": "GB18030", "big5": "BIG5-HKSCS", "euc-kr": "CP949", "ks_c_5601-1987": "CP949",
    "utf-16": "UTF-16LE", "utf-16le": "UTF-16LE", "utf-16be": "UTF-16BE",
  ]

  /// How much of a page is searched for the name of its encoding.
  private static let prescanned = 4096

  /// Returns the page in UTF-8. What is not valid in its encoding becomes U+FFFD. A mark at its
  /// beginning says which it is, or else the server, or else the page; without any, it is UTF-8 if it
  /// is valid, or else Windows-1252.
  static func utf8(_ page: [UInt8], charset: String?) -> [UInt8] {
    if page.starts(with: [0xEF, 0xBB, 0xBF]) { return valid(page[3...]) }
    if page.starts(with: [0xFF, 0xFE]) { return converted(page[2...], from: "UTF-16LE") }
    if page.starts(with: [0xFE, 0xFF]) { return converted(page[2...], from: "UTF-16BE") }
    let said = charset.flatMap { encodings[$0.lowercased()] } ?? declared(page)
    switch said {
    case nil: return isUTF8(page) ? page : converted(page[...], from: "CP1252")
    case "UTF-8": return valid(page[...])
    case let name?: return converted(page[...], from: name)
    }
  }

  /// The encoding that a page names in its first bytes, as `charset=…` or `encoding="…"`.
  private static func declared(_ page: [UInt8]) -> String? {
    let start = page.prefix(prescanned).map(ASCII.lowered)
    for key in ["charset", "encoding"].map({ Array($0.utf8) }) {
      var place = 0
      while let found = start[place...].firstRange(of: key) {
        place = found.upperBound
        let rest = start[place...].drop { ASCII.isSpace($0) }
        guard rest.first == UInt8(ascii: "=") else { continue }
        let value = rest.dropFirst().drop { ASCII.isSpace($0) || "\"'".utf8.contains($0) }
        let name = value.prefix { ASCII.isLetterOrDigit($0) || "-_".utf8.contains($0) }
        guard let encoding = encodings[String(decoding: name, as: UTF8.self)] else { continue }
        // What was read as ASCII is not UTF-16.
        return encoding.hasPrefix("UTF-16") ? "UTF-8" : encoding
      }
    }
    return nil
  }

  private static func isUTF8(_ bytes: [UInt8]) -> Bool {
    // The page may have been cut within its last character.
    let lead = bytes.suffix(3).lastIndex { $0 >= 0xC2 } ?? bytes.count
    let length = lead == bytes.count ? 0 : bytes[lead] < 0xE0 ? 2 : bytes[lead] < 0xF0 ? 3 : 4
    let isCut = bytes[lead...].dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
    let end = isCut && bytes.count - lead < length ? lead : bytes.count
    return String(validating: bytes[..<end], as: UTF8.self) != nil
  }

  private static func valid(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  private static func converted(_ bytes: ArraySlice<UInt8>, from encoding: String) -> [UInt8] {
    guard let converter = iconv_open("UTF-8", encoding), converter != iconv_t(bitPattern: -1) else {
      return valid(bytes)
    }
    defer { iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var result: [UInt8] = []
    result.reserveCapacity(input.count + input.count / 8)
    var piece = [CChar](repeating: 0, count: 16 << 10)
    input.withUnsafeMutableBufferPointer { input in
      var (next, left) = (input.baseAddress, input.count)
      while left > 0 {
        let (made, code) = piece.withUnsafeMutableBufferPointer { piece in
          var (out, room) = (piece.baseAddress, piece.count)
          let failed = iconv(converter, &next, &left, &out, &room) == -1
          return (piece.count - room, failed ? errno : 0)
        }
        result += piece[..<made].lazy.map { UInt8(bitPattern: $0) }
        guard code != 0, code != E2BIG else { continue }
        // A character that is not valid, or that is cut off.
        result += [0xEF, 0xBF, 0xBD]
        if code != EILSEQ || left == 0 { break }
        next = next.map { $0 + 1 }
        left -= 1
      }
    }
    return result
  }
}
