/// Writes a message of Protocol Buffers, field by field.
/// Source: https://protobuf.dev/programming-guides/encoding
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// How the value of a field is encoded.
  private enum Wire: UInt64 { case varint = 0, bytes = 2, fixed32 = 5 }

  mutating func add(_ field: Int, _ value: Int) {
    begin(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    begin(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ content: [UInt8]) {
    begin(field, .bytes)
    varint(UInt64(content.count))
    bytes += content
  }

  /// Adds a message within this one.
  mutating func add(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    add(field, inner.bytes)
  }

  private mutating func begin(_ field: Int, _ wire: Wire) {
    varint(UInt64(field) << 3 | wire.rawValue)
  }

  private mutating func varint(_ value: UInt64) {
    var left = value
    while left >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    bytes.append(UInt8(left))
  }
}
