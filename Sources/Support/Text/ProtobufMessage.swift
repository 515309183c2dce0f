/// A message in the wire format of protocol buffers, built field by field.
///
/// A field is a key (its number and how its value is laid out) and a value. Fields may come in any order.
/// Source: https://protobuf.dev/programming-guides/encoding
package struct ProtobufMessage {
  /// The message so far.
  package private(set) var bytes: [UInt8] = []

  /// Creates an empty message.
  package init() {}

  /// How the value of a field is laid out.
  private enum Layout: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthAndBytes = 2
    case fourBytes = 5
  }

  /// Adds an integer, a truth value or the number of an enumeration's case.
  package mutating func add(_ field: Int, integer: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(integer)))
  }

  /// Adds a number in double precision.
  package mutating func add(_ field: Int, double: Double) {
    addKey(field, .eightBytes)
    bytes.append(littleEndian: double.bitPattern)
  }

  /// Adds a number in single precision.
  package mutating func add(_ field: Int, float: Float) {
    addKey(field, .fourBytes)
    bytes.append(littleEndian: float.bitPattern)
  }

  /// Adds a text in UTF-8.
  package mutating func add(_ field: Int, text: String) { add(field, content: text.utf8) }

  /// Adds a message within this one, which may be empty.
  package mutating func add(_ field: Int, message: ProtobufMessage) {
    add(field, content: message.bytes)
  }

  /// Adds a message within this one, which `body` builds.
  package mutating func add(_ field: Int, _ body: (inout ProtobufMessage) -> Void) {
    var inner = ProtobufMessage()
    body(&inner)
    add(field, message: inner)
  }

  /// Adds bytes that no field of this message describes.
  package mutating func add(_ field: Int, content: some Collection<UInt8>) {
    addKey(field, .lengthAndBytes)
    addVarint(UInt64(content.count))
    bytes += content
  }

  private mutating func addKey(_ field: Int, _ layout: Layout) {
    addVarint(UInt64(field) << 3 | layout.rawValue)
  }

  /// Adds seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension [UInt8] {
  /// Appends the bytes of an integer, the lowest first.
  package mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
