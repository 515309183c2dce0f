import Images
import Testing

/// Many programs write EXIF, some of them wrongly. Whatever it contains, the picture must be
/// decoded. The widths are those that Pillow 13.0 gives after `ImageOps.exif_transpose`.
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
    try width(withSegments: [Array("Exif\0\0".utf8) + exif])
  }

  /// Returns the width of the picture with APP1 segments inserted.
  private func width(withSegments segments: [[UInt8]]) throws -> Int {
    var bytes = try Fixture.bytes("baseline.jpg")
    let inserted = segments.flatMap { segment in
      let length = segment.count + 2
      return [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + segment
    }
    bytes.insert(contentsOf: inserted, at: 2)
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
      "an orientation of a byte, which PIL takes for text": exif(entries: [(0x0112, 1, 1, 6)]),
      "an orientation without a value": exif(entries: [(0x0112, 3, 0, 6)]),
      "a rational of 13/2": exif(entries: [(0x0112, 5, 1, 26)]) + [13, 0, 0, 0, 2, 0, 0, 0],
      "a rational of 6/0": exif(entries: [(0x0112, 5, 1, 26)]) + [6, 0, 0, 0, 0, 0, 0, 0],
      "a value past the end": exif(entries: [(0x0112, 12, 1, 5000), turned]),
      "another value past the end": exif(entries: [(0x010E, 2, 20, 5000), turned]),
    ]
    for (name, bytes) in cases {
      #expect(try width(with: bytes) == 40, "\(name)")
    }
  }

  @Test("an orientation of any type of number counts, as in PIL")
  func types() throws {
    // Long, signed byte, signed short, signed long, float and directory.
    for type: UInt16 in [4, 6, 8, 9, 13] {
      #expect(try width(with: exif(entries: [(0x0112, type, 1, 6)])) == 27, "type \(type)")
    }
    let distant: [UInt16: [UInt8]] = [
      5: [12, 0, 0, 0, 2, 0, 0, 0], 10: [0xFA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      12: [0, 0, 0, 0, 0, 0, 0x18, 0x40], 16: [6, 0, 0, 0, 0, 0, 0, 0],
    ]
    for (type, value) in distant {
      #expect(
        try width(with: exif(entries: [(0x0112, type, 1, 22)]) + value) == 27, "type \(type)")
    }
    #expect(
      try width(with: exif(entries: [(0x0112, 11, 1, Float(6).bitPattern)])) == 27, "a float")
    let bigEndian = exif(littleEndian: false, entries: [(0x0112, 4, 1, 6)])
    #expect(try width(with: bigEndian) == 27)
    #expect(try width(with: exif(entries: [(0x0112, 3, 4, 22)]) + [6, 0, 1, 0, 1, 0, 1, 0]) == 27)
  }

  @Test("entries of unknown types and a far value that cannot be are skipped")
  func skipped() throws {
    let turned: (tag: UInt16, type: UInt16, count: UInt32, value: UInt32) = (0x0112, 3, 1, 6)
    for other: (UInt16, UInt16, UInt32, UInt32) in [
      (0x0112, 0, 1, 3), (0x0112, 99, 1, 3), (0x010E, 2, 500, 8), (0x0112, 3, 0, 3),
    ] {
      #expect(try width(with: exif(entries: [other, turned])) == 27)
    }
    #expect(try width(with: exif(entries: [turned, (0x010E, 2, 20, 5000)])) == 27)
    // The first of two counts.
    #expect(try width(with: exif(entries: [turned, (0x0112, 3, 1, 1)])) == 27)
  }

  @Test("odd beginnings are read: a doubled identifier, mixed byte orders, a late directory")
  func beginnings() throws {
    let plain = exif(entries: [(0x0112, 3, 1, 6)])
    let identifier = Array("Exif\0\0".utf8)
    #expect(try width(with: identifier + plain) == 27)
    #expect(try width(with: Array("II\0*".utf8) + plain.dropFirst(4)) == 27)
    let bigEndian = exif(littleEndian: false, entries: [(0x0112, 3, 1, 6)])
    #expect(try width(with: Array("MM*\0".utf8) + bigEndian.dropFirst(4)) == 27)
    #expect(
      try width(with: plain.prefix(4) + [11, 0, 0, 0, 1, 2, 3] + plain.dropFirst(8)) == 27)
    // Three identifiers, or none.
    #expect(try width(with: identifier + identifier + plain) == 40)
    #expect(try width(with: Array("II+\0".utf8) + plain.dropFirst(4)) == 40)
  }

  @Test("EXIF goes on in the next segment")
  func split() throws {
    let plain = Array("Exif\0\0".utf8) + exif(entries: [(0x0112, 3, 1, 6)])
    let rest = Array("Exif\0\0".utf8) + plain.dropFirst(20)
    #expect(try width(withSegments: [Array(plain.prefix(20)), rest]) == 27)
    let other = Array("Exif\0\0".utf8) + exif(entries: [(0x0112, 3, 1, 1)])
    #expect(try width(withSegments: [[1, 2, 3], plain, other]) == 27)
  }

  @Test("XMP counts where EXIF has no orientation")
  func xmp() throws {
    func packet(_ text: String) -> [UInt8] {
      Array("http://ns.adobe.com/xap/1.0/\0<x \(text)".utf8)
    }
    func exif(_ entries: [(UInt16, UInt16, UInt32, UInt32)]) -> [UInt8] {
      Array("Exif\0\0".utf8) + self.exif(entries: entries)
    }
    let turned = packet("tiff:Orientation=\"6\"/>")
    let cases: [(segments: [[UInt8]], width: Int)] = [
      ([turned], 27),
      ([packet("tiff:Orientation>6</tiff:Orientation>")], 27),
      ([packet("tiff:Orientation=\"x\" tiff:Orientation=\"6\"")], 27),
      ([packet("tiff:Orientation=\"6\" tiff:Orientation=\"1\"")], 27),
      ([packet("tiff:Orientation='6'")], 40), ([packet("tiff:Orientation = \"6\"")], 40),
      ([packet("tiff:Orientation=\"9\"")], 40), ([packet("tiff:Orientation=\"")], 40),
      ([packet("tiff:Orientation")], 40), ([packet("")], 40),
      // The last packet counts.
      ([packet("tiff:Orientation=\"1\""), turned], 27), ([turned, packet("")], 40),
      // EXIF comes first, if it has the tag.
      ([turned, exif([(0x0112, 3, 1, 1)])], 40), ([exif([(0x0112, 2, 1, 1)]), turned], 40),
      ([exif([(0x010F, 3, 1, 1)]), turned], 27), ([Array("Exif\0\0".utf8), turned], 27),
      ([Array("Exif\0\0nothing".utf8), turned], 40),
    ]
    for (segments, expected) in cases {
      #expect(try width(withSegments: segments) == expected, "\(segments.map(text))")
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("a directory that names itself as the next one ends")
  func loop() throws {
    let bytes = exif(entries: [(0x8769, 4, 1, 8), (0x0112, 3, 1, 8)]) + [8, 0, 0, 0]
    #expect(try width(with: bytes) == 27)
  }
}
