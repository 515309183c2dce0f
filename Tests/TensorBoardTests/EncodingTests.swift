import TensorBoard
import Testing

/// The values are those of RFC 3720 (B.4).
@Suite struct EncodingTests {
  /// Bytes and their check.
  static let checks: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
    (Array("123456789".utf8), 0xE306_9283), ([], 0),
  ]

  @Test("the check is that of the standard", arguments: checks)
  func check(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(CRC32C.of(bytes) == expected)
    let masked = CRC32C.masked(bytes) &- 0xA282_EAD8
    #expect(masked >> 17 | masked << 15 == expected)
  }

  @Test("a record stands between its length and its check, and the length has a check, too")
  func frame() {
    let framed = RecordFrame.around([1, 2, 3])
    #expect(framed.count == 3 + 16)
    #expect(framed[..<8] == [3, 0, 0, 0, 0, 0, 0, 0])
    #expect(framed[12..<15] == [1, 2, 3])
    func word(_ at: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(framed[at + $1]) << UInt32(8 * $1) }
    }
    #expect(word(8) == CRC32C.masked(framed[..<8]))
    #expect(word(15) == CRC32C.masked([1, 2, 3]))
  }
}
