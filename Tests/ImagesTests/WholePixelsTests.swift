import Images
import Testing

/// Files that are damaged, but not in their pixels. Pillow 13.0 opens each of them.
@Suite struct WholePixelsTests {
  @Test(
    "a PNG is whole as soon as its pixels are, wherever it ends after them",
    // The lengths from which on Pillow opens the file.
    arguments: [("rgb", 450), ("rgb-interlaced", 1078), ("palette", 221), ("grey16", 832)])
  func ending(_ name: String, _ needed: Int) throws {
    let bytes = try Fixture.bytes("\(name).png")
    let picture = try Fixture.picture(name)
    for length in needed..<bytes.count {
      #expect(try decode(bytes: Array(bytes.prefix(length)), name: name) == picture)
    }
    let found = problem { () throws(ImageError) in
      _ = try decode(bytes: Array(bytes.prefix(needed - 1)), name: name)
    }
    #expect(found?.isDamage == true)
  }

  @Test("a wrong checksum of a chunk does no harm if that of the pixels is right")
  func checksums() throws {
    let sound = try Fixture.bytes("rgb.png")
    let end = sound.count - 12
    func problemAfterFlipping(_ offsets: [Int]) throws -> ImageError.Problem? {
      var bytes = sound
      for offset in offsets { bytes[offset] ^= 1 }
      let picture = try Fixture.picture("rgb")
      return problem { () throws(ImageError) in
        let image = try decode(bytes: bytes, name: "flipped")
        #expect(image == picture)
      }
    }
    // The checksums of the last chunk, of the pixels' chunk, and of the pixels.
    #expect(try problemAfterFlipping([sound.count - 1]) == nil)
    #expect(try problemAfterFlipping([end - 1]) == nil)
    #expect(try problemAfterFlipping([end - 5])?.isDamage == true)
    #expect(try problemAfterFlipping([end - 1, end - 5])?.isDamage == true)
    #expect(try problemAfterFlipping([end - 1, end - 40])?.isDamage == true)
  }

  @Test("chunks that are unknown, doubled or misplaced do not matter")
  func oddChunks() throws {
    let bytes = try Fixture.bytes("rgb.png")
    let picture = try Fixture.picture("rgb")
    let palette = PNGBuilder.chunk("PLTE", [1, 2, 3])
    let text = PNGBuilder.plainText("a", [])
    let header = Array(bytes[8..<33])
    let longer = PNGBuilder.chunk("IHDR", Array(bytes[16..<29]) + [1, 2])
    let method = PNGBuilder.header(width: 24, height: 16, color: 2, compression: 1)
    let cases: [String: [UInt8]] = [
      "an unknown critical chunk": try PNGBuilder.rgb(before: PNGBuilder.chunk("ABCD", [1])),
      "another after the pixels": try PNGBuilder.rgb(after: PNGBuilder.chunk("ABCD", [1])),
      "a name with a digit": try PNGBuilder.rgb(before: PNGBuilder.chunk("a1_b", [1])),
      "no chunk after the pixels": try PNGBuilder.rgb(
        after: PNGBuilder.chunk("\u{1}\u{2}\u{3}?", [])),
      "two palettes": try PNGBuilder.rgb(before: palette + palette),
      "two headers": try PNGBuilder.rgb(before: header),
      "a text before the header": bytes[..<8] + text + bytes[8...],
      "a longer header": bytes[..<8] + longer + bytes[33...],
      "another name for the compression": bytes[..<8] + method + bytes[33...],
      "a text with a wrong checksum": try PNGBuilder.rgb(
        after: PNGBuilder.chunk("tEXt", [0x61, 0], isSound: false)),
    ]
    for (name, bytes) in cases {
      let found = problem { () throws(ImageError) in
        let image = try decode(bytes: bytes, name: name)
        #expect(image == picture, "\(name)")
      }
      #expect(found == nil, "\(name)")
    }
  }

  @Test("pixels that reach farther back than the file declares are read")
  func window() throws {
    let image = try decode(path: Fixture.path("small-window.png"))
    #expect(try image == Fixture.picture("small-window"))
  }

  @Test("a huge picture in a file that libpng refuses is refused by its header")
  func huge() throws {
    let bytes = try Fixture.bytes("huge.png")
    let odd = bytes[..<33] + PNGBuilder.chunk("ABCD", []) + bytes[33...]
    let found = problem { () throws(ImageError) in _ = try decode(bytes: Array(odd), name: "huge") }
    #expect(found?.isTooLarge == true)
  }

  @Test("a JPEG without its end marker is whole if the decoder needs no byte of it")
  func noEndMarker() throws {
    let bytes = try Fixture.bytes("stored-rgb.jpg")
    let picture = try Fixture.picture("stored-rgb")
    for length in [bytes.count - 1, bytes.count - 2] {
      #expect(try decode(bytes: Array(bytes.prefix(length)), name: "cut") == picture)
    }
    let found = problem { () throws(ImageError) in
      _ = try decode(bytes: Array(bytes.dropLast(3)), name: "cut")
    }
    #expect(found?.isDamage == true)
  }

  @Test("zeros in place of a JPEG's end marker do no harm; in place of its pixels they do")
  func zeros() throws {
    let bytes = try Fixture.bytes("baseline.jpg")
    let zeros = [UInt8](repeating: 0, count: 40)
    let picture = try Fixture.picture("baseline")
    #expect(try decode(bytes: bytes.dropLast(2) + zeros, name: "padded") == picture)
    let half = bytes.dropLast(200) + [UInt8](repeating: 0, count: 200)
    let found = problem { () throws(ImageError) in
      _ = try decode(bytes: Array(half), name: "half")
    }
    #expect(found?.isDamage == true)
  }
}
