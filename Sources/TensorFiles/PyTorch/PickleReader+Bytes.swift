extension PickleReader {
  // These methods consume the pickle's bytes in order.

  /// Reads a byte.
  mutating func byte() throws(PickleFault) -> UInt8 {
    guard position < bytes.count else { throw PickleFault("its pickle ends early") }
    position += 1
    return bytes[position - 1]
  }

  /// Reads a little-endian number of up to 8 bytes.
  mutating func number(_ size: Int) throws(PickleFault) -> Int {
    guard bytes.count - position >= size else { throw PickleFault("its pickle ends early") }
    var number: UInt64 = 0
    for index in 0..<size { number |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += size
    return Int(truncatingIfNeeded: number)
  }

  /// Reads a signed little-endian number of `size` bytes. One of more than 8 bytes is passed over.
  mutating func long(_ size: Int) throws(PickleFault) -> PickleValue {
    guard size <= 8 else { return try bytes(size) }
    let shift = 64 - 8 * size
    return .int(size == 0 ? 0 : (try number(size) << shift) >> shift)
  }

  /// Passes over `size` bytes that are no text.
  mutating func bytes(_ size: Int) throws(PickleFault) -> PickleValue {
    try advance(size)
    return .object(.other)
  }

  /// Reads a text of Python 2, which is passed over if it is none.
  mutating func byteString(_ size: Int) throws(PickleFault) -> PickleValue {
    try advance(size)
    let text = String(validating: bytes[position - size..<position], as: UTF8.self)
    return text.map(PickleValue.text) ?? .object(.other)
  }

  private mutating func advance(_ size: Int) throws(PickleFault) {
    guard size >= 0, bytes.count - position >= size else {
      throw PickleFault("its pickle ends early")
    }
    position += size
  }

  /// Reads a double, the only big-endian value.
  mutating func bigEndianDouble() throws(PickleFault) -> Double {
    Double(bitPattern: UInt64(bitPattern: Int64(try number(8))).byteSwapped)
  }

  /// Reads a text of `size` bytes.
  mutating func text(_ size: Int) throws(PickleFault) -> String {
    try advance(size)
    return try string(bytes[position - size..<position])
  }

  /// Reads a text up to the end of the line.
  mutating func line() throws(PickleFault) -> String {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw PickleFault("its pickle ends early")
    }
    defer { position = end + 1 }
    return try string(bytes[position..<end])
  }

  func string(_ bytes: ArraySlice<UInt8>) throws(PickleFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PickleFault("its pickle has text that is not UTF-8")
    }
    return text
  }

  /// Skips the argument of an opcode that creates no value. Throws if the protocol is not 2 to 5.
  mutating func skip(_ opcode: PickleOpcode) throws(PickleFault) {
    if opcode == .frame { _ = try number(8) }
    if opcode == .proto {
      let version = try number(1)
      guard 2...5 ~= version else { throw PickleFault("its pickle is of protocol \(version)") }
    }
  }
}
