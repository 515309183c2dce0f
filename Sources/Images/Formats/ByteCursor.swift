/// A place in the bytes of a file, from which numbers and lines are read.
struct ByteCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  private(set) var at: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, at: Int = 0) { (self.bytes, self.at) = (bytes, at) }

  /// Returns the next byte; `nil` at the end.
  mutating func byte() -> UInt8? {
    guard at < bytes.count else { return nil }
    defer { at += 1 }
    return bytes[at]
  }

  /// Returns the next `count` bytes; `nil` if there are fewer.
  mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
    guard at >= 0, count >= 0, count <= bytes.count - at else { return nil }
    defer { at += count }
    return UnsafeBufferPointer(rebasing: bytes[at..<at + count])
  }

  /// Returns the next number of `count` bytes, the lowest first; `nil` if there are fewer.
  mutating func number(_ count: Int) -> Int? {
    take(count)?.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
