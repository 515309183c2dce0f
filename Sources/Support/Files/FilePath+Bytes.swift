/// Paths as the system takes them.
extension FilePath {
  /// Returns the path for a system call: its bytes, and a zero at the end.
  package static func c(_ path: String) -> [CChar] {
    ByteText.bytes(path).map { CChar(bitPattern: $0) } + [0]
  }

  /// Returns whether a path comes before another in the order of their bytes. This order does not
  /// depend on the language, and, unlike that of `String`, tells apart names that look the same.
  package static func precedes(_ path: String, _ other: String) -> Bool {
    var order: Bool?
    path.utf8.withContiguousStorageIfAvailable { one in
      other.utf8.withContiguousStorageIfAvailable { order = precedes(one, $0) }
    }
    return order ?? ByteText.bytes(path).lexicographicallyPrecedes(ByteText.bytes(other))
  }

  /// Compares two texts where they first differ; `nil` if a character there stands for a byte.
  private static func precedes(
    _ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>
  ) -> Bool? {
    let common = min(one.count, other.count)
    var place = 0
    while place < common && one[place] == other[place] { place += 1 }
    if leads(one, place) || leads(other, place) { return nil }
    return place < common ? one[place] < other[place] : one.count < other.count
  }

  /// Whether the character of a text around a place may stand for a byte.
  private static func leads(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    guard place < text.count else { return false }
    var start = place
    while start > 0 && text[start] & 0xC0 == 0x80 { start -= 1 }
    return text[start] == 0xF4
  }
}
