import Images
import Testing

/// Many programs write EXIF, some of them wrongly. Whatever it contains, the picture must be
/// decoded.
@Suite struct EXIFTests {
  /// Returns a TIFF header and a directory of (tag, type, count, value) entries.
  private func exif(
    littleEndian: Bool = true, directory: UInt32 = 8, count: UInt16? = nil,
    entries: [(tag: UInt16, type: UInt16, count: UInt32, value: UInt32)]
  ) -> [UInt8] {
    func number(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: littleEndian ? value.littleEndian : value.bigEndian) { Array($0) }
    }
    var bytes = Array((littleEndian ? "II" : "MM").utf8) + number(UInt16(42)) + number(directory)
    bytes += number(count ?? UInt16(entries.count))
    for entry in entries {
      bytes += number(entry.tag) + number(entry.type) + number(entry.count)
      // A short comes first in the four bytes of its value, in either byte order.
      bytes += entry.type == 3 ? number(UInt16(entry.value)) + [0, 0] : number(entry.value)
    }
    return bytes
  }

  /// Returns the width of the 40 × 27 picture with `exif` inserted: 27 if it is turned.
  private func width(with exif: [UInt8]) throws -> Int {
    let segment = Array("Exif\0\0".utf8) + exif
    var bytes = try Fixture.bytes("baseline.jpg")
    let length = segment.count + 2
    bytes.insert(
      contentsOf: [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + segment, at: 2)
    return try decode(bytes: bytes, name: "with EXIF").width
  }

  @Test("both byte orders are read", arguments: [true, false])
  func byteOrder(littleEndian: Bool) throws {
    let bytes = exif(
      littleEndian: littleEndian, entries: [(0x010F, 2, 4, 0), (0x0112, 3, 1, 6)])
    #expect(try width(with: bytes) == 27)
  }

  @Test("offsets, counts and values out of range leave the picture as it lies")
  func hostile() throws {
    let turned: (tag: UInt16, type: UInt16, count: UInt32, value: UInt32) = (0x0112, 3, 1, 6)
    let cases: [String: [UInt8]] = [
      "nothing": [],
      "half a header": Array(exif(entries: []).prefix(5)),
      "another magic number": [0x49, 0x49, 43, 0] + exif(entries: [turned]).dropFirst(4),
      "a directory past the end": exif(directory: 1000, entries: [turned]),
      "a directory at the end of memory": exif(directory: .max, entries: [turned]),
      "a directory that is its own header": exif(directory: 0, entries: [turned]),
      "more entries than there are": exif(count: .max, entries: [(0x0100, 3, 1, 6)]),
      "an entry cut short": exif(entries: [turned]).dropLast(4),
      "an orientation of zero": exif(entries: [(0x0112, 3, 1, 0)]),
      "an orientation of nine": exif(entries: [(0x0112, 3, 1, 9)]),
      "an orientation that is text": exif(entries: [(0x0112, 2, 4, 6)]),
    ]
    for (name, bytes) in cases {
      #expect(try width(with: bytes) == 40, "\(name)")
    }
  }

  @Test("a directory that names itself as the next one ends")
  func loop() throws {
    let bytes = exif(entries: [(0x8769, 4, 1, 8), (0x0112, 3, 1, 8)]) + [8, 0, 0, 0]
    #expect(try width(with: bytes) == 27)
  }
}
