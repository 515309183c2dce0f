import Support
import Testing

/// The values are those of the guide to the encoding of protocol buffers.
@Suite struct ProtobufMessageTests {
  @Test("integers have seven bits a byte, and negative ones ten bytes")
  func integers() {
    var message = ProtobufMessage()
    message.add(1, integer: 150)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    message = ProtobufMessage()
    message.add(16, integer: 0)
    #expect(message.bytes == [0x80, 0x01, 0x00])
    message = ProtobufMessage()
    message.add(2, integer: -2)
    #expect(message.bytes == [0x10, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
  }

  @Test(
    "texts and messages have their length before them, and numbers their bytes, the lowest first")
  func others() {
    var inner = ProtobufMessage()
    inner.add(1, integer: 150)
    var message = ProtobufMessage()
    message.add(2, text: "testing")
    message.add(3, message: inner)
    message.add(4, double: 1)
    message.add(5, float: -2)
    #expect(
      message.bytes == [
        0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x1A, 0x03, 0x08, 0x96, 0x01, 0x21,
        0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x2D, 0, 0, 0, 0xC0,
      ])
  }
}
