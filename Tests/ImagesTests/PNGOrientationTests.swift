import Images
import Testing

/// The widths are those that Pillow 13.0 gives after `ImageOps.exif_transpose`: 16 if the 24 × 16
/// picture is turned, 24 if not.
@Suite struct PNGOrientationTests {
  private func width(before: [UInt8] = [], after: [UInt8] = []) throws -> Int {
    let bytes = try PNGBuilder.rgb(before: before, after: after)
    return try decode(bytes: bytes, name: "text").width
  }

  @Test("a PNG stands upright wherever it says how it lies, before its pixels or after them")
  func places() throws {
    for chunk in PNGBuilder.texts {
      #expect(try width(before: chunk) == 16)
      #expect(try width(after: chunk) == 16)
    }
  }

  @Test("the turned picture is that of the EXIF chunk, and so is its size")
  func pixels() throws {
    let expected = try Fixture.picture("orientation-6-png")
    try Fixture.inTemporaryFolder { folder in
      let chunk = PNGBuilder.compressedText(
        PNGBuilder.profileKey, PNGBuilder.profile(PNGBuilder.exif(6)))
      var bytes = try Fixture.bytes("orientation-6.png")
      let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "eXIf".utf8) }) - 4
      let length = 12 + Int(bytes[start + 3])
      bytes.replaceSubrange(start..<start + length, with: [])
      // After the pixels, and after more than is read at first.
      let text = PNGBuilder.plainText("Comment", [UInt8](repeating: 0x20, count: 70_000))
      bytes.insert(contentsOf: text + chunk, at: bytes.count - 12)
      let path = "\(folder)/turned.png"
      try write(bytes, to: path)
      #expect(try decode(path: path) == expected)
      #expect(try imageSize(path: path) == ImageSize(width: 16, height: 24))
    }
  }

  @Test("EXIF comes before a raw profile, and both before XMP; the last of two counts")
  func precedence() throws {
    let upright = PNGBuilder.chunk("eXIf", Array(PNGBuilder.exif(1).dropFirst(6)))
    let turned = PNGBuilder.texts[0]
    let profile = PNGBuilder.plainText(
      PNGBuilder.profileKey, PNGBuilder.profile(PNGBuilder.exif(6)))
    let packet = PNGBuilder.plainText(PNGBuilder.xmpKey, PNGBuilder.xmp(6))
    let empty = PNGBuilder.chunk("eXIf", [])
    let cases: [(chunks: [[UInt8]], width: Int)] = [
      ([upright, profile], 24), ([upright, packet], 24), ([empty, packet], 16),
      ([turned, upright], 24), ([upright, turned], 16), ([empty, profile], 24),
    ]
    for (chunks, expected) in cases {
      #expect(try width(before: Array(chunks.joined())) == expected)
      #expect(try width(before: chunks[0], after: chunks[1]) == expected)
    }
  }

  @Test("XMP that is not UTF-8 counts where there is no other")
  func notText() throws {
    func packet(_ value: Int, isCompressed: Bool = false) -> [UInt8] {
      PNGBuilder.internationalText(
        PNGBuilder.xmpKey, PNGBuilder.xmp(value) + [0xFF], isCompressed: isCompressed)
    }
    let upright = PNGBuilder.internationalText(PNGBuilder.xmpKey, PNGBuilder.xmp(1))
    let cases: [(chunks: [UInt8], width: Int)] = [
      (packet(6), 16), (packet(6, isCompressed: true), 16), (packet(1) + packet(6), 16),
      (packet(6) + upright, 24), (upright + packet(6), 24),
      (PNGBuilder.plainText(PNGBuilder.xmpKey, []) + packet(6), 16),
    ]
    for (chunks, expected) in cases { #expect(try width(before: chunks) == expected) }
  }

  @Test("other forms of a raw profile are read, and text that is none is passed over")
  func profiles() throws {
    let exif = PNGBuilder.exif(6)
    let key = PNGBuilder.profileKey
    let spaced = Array("\n\n\n".utf8) + PNGBuilder.hexadecimal(exif, line: 2)
    let cases: [(chunk: [UInt8], width: Int)] = [
      (PNGBuilder.plainText(key, PNGBuilder.profile(Array(exif.dropFirst(6)))), 16),
      (PNGBuilder.plainText(key, spaced), 16),
      (PNGBuilder.plainText(key, Array("none".utf8)), 24),
      (PNGBuilder.plainText(key, PNGBuilder.profile(exif) + Array("zz".utf8)), 24),
      // PIL does not read this one either.
      (PNGBuilder.plainText("Raw profile type APP1", PNGBuilder.profile(exif)), 24),
      (PNGBuilder.chunk("zTXt", Array(key.utf8) + [0, 0, 1, 2, 3]), 24),
      (PNGBuilder.chunk("zTXt", Array(key.utf8)), 24),
      (PNGBuilder.chunk("iTXt", Array(key.utf8) + [0, 1]), 24),
    ]
    for (chunk, expected) in cases { #expect(try width(before: chunk) == expected) }
  }

  @Test(
    "of a compressed text at most a mebibyte is inflated",
    // A raw profile, followed by spaces up to so many bytes.
    arguments: [(1 << 20, 16), (1 << 20 + 1, 24)])
  func bomb(_ count: Int, _ expected: Int) throws {
    let text = try Fixture.bytes("profile-\(count).zz")
    let chunk = PNGBuilder.chunk("zTXt", Array(PNGBuilder.profileKey.utf8) + [0, 0] + text)
    #expect(try width(before: chunk) == expected)
  }
}
