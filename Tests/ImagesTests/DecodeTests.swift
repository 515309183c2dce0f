import Images
import Testing

@Suite struct DecodeTests {
  /// Both use libjpeg-turbo's accurate transform, which gives the same values on every processor.
  @Test(
    "a JPEG of any kind has the pixels that PIL reads, to the bit",
    arguments: ["baseline", "progressive", "full-chroma", "grey", "stored-rgb", "cmyk", "ycck"])
  func jpeg(_ name: String) throws {
    #expect(try decode(path: Fixture.path("\(name).jpg")) == Fixture.picture(name))
  }

  @Test(
    "a PNG of any kind has the pixels that PIL reads, to the bit",
    arguments: [
      "rgb", "rgb-gamma", "rgba", "grey-alpha", "palette", "palette-transparent", "one-bit",
      "grey-2bit-interlaced", "rgb-interlaced", "grey-transparent", "rgb-transparent",
    ])
  func png(_ name: String) throws {
    #expect(try decode(path: Fixture.path("\(name).png")) == Fixture.picture(name))
  }

  @Test(
    "16 bits a channel become 8", arguments: ["rgb16", "rgba16-interlaced", "grey16"])
  func sixteenBits(_ name: String) throws {
    #expect(try decode(path: Fixture.path("\(name).png")) == Fixture.picture(name))
  }

  /// Pillow 13.0 gives the same for colour and for grey with alpha. It cuts grey alone off at 255.
  @Test("of 16-bit colours and of grey with alpha the upper byte is kept; grey alone is rounded")
  func sixteenBitValues() throws {
    let values = [0, 1, 128, 255, 256, 383, 384, 32767, 32768, 32896, 65279, 65407, 65535]
    func picture(_ type: UInt8, _ channels: (Int) -> [Int]) throws -> [UInt8] {
      let data = values.flatMap { channels($0).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
      let bytes = PNGBuilder.row(data, width: values.count, depth: 16, color: type)
      return try decode(bytes: bytes, name: "16 bits").pixels
    }
    let upper = values.flatMap { [UInt8](repeating: UInt8($0 >> 8), count: 3) }
    #expect(try picture(2) { [$0, $0, $0] } == upper)
    #expect(try picture(6) { [$0, $0, $0, 40000] } == upper)
    #expect(try picture(4) { [$0, 40000] } == upper)
    let rounded = values.flatMap { value in
      [UInt8](repeating: UInt8((value * 255 + 32895) >> 16), count: 3)
    }
    #expect(try picture(0) { [$0] } == rounded)
  }

  @Test("a JPEG stands upright whatever its EXIF orientation", arguments: 1...8)
  func orientation(_ orientation: Int) throws {
    let name = "orientation-\(orientation)"
    #expect(try decode(path: Fixture.path("\(name).jpg")) == Fixture.picture(name))
  }

  @Test("a PNG stands upright by its EXIF chunk")
  func orientationOfPNG() throws {
    let read = try decode(path: Fixture.path("orientation-6.png"))
    #expect(try read == Fixture.picture("orientation-6-png"))
  }

  @Test("the size read from the header is that of the upright picture")
  func size() throws {
    #expect(try imageSize(path: Fixture.path("baseline.jpg")) == ImageSize(width: 40, height: 27))
    for orientation in 1...8 {
      let path = Fixture.path("orientation-\(orientation).jpg")
      let picture = try decode(path: path)
      #expect(
        try imageSize(path: path) == ImageSize(width: picture.width, height: picture.height))
    }
    let path = Fixture.path("orientation-6.png")
    #expect(try imageSize(path: path) == ImageSize(width: 16, height: 24))
  }

  @Test("the size is found behind segments longer than what is read at first")
  func sizeFarIntoTheFile() throws {
    let comment = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 0x20, count: 0xFFFD)
    var bytes = try Fixture.bytes("baseline.jpg")
    bytes.insert(contentsOf: comment + comment, at: 2)
    try Fixture.inTemporaryFolder { folder in
      let path = "\(folder)/commented.jpg"
      try write(bytes, to: path)
      #expect(try imageSize(path: path) == ImageSize(width: 40, height: 27))
    }
  }

  @Test("a JPEG comes at the smallest halving whose shortest side is as long as wished")
  func scaled() throws {
    let path = Fixture.path("baseline.jpg")
    let half = try decode(path: path) { .keeping(14, of: $0) }
    #expect(try half == Fixture.picture("baseline-half"))
    let widths = try [1, 4, 5, 7, 8, 14, 15, 27, 1000].map {
      side in try decode(path: path) { .keeping(side, of: $0) }.width
    }
    #expect(widths == [5, 5, 10, 10, 20, 20, 40, 40, 40])
    #expect(try decode(path: Fixture.path("rgb.png")) { .keeping(2, of: $0) }.width == 24)
  }

  @Test("a file's kind is told by its content, not by its name")
  func extensionsDoNotMatter() throws {
    let bytes = try Fixture.bytes("rgb.png")
    #expect(try decode(bytes: bytes, name: "picture.jpg") == Fixture.picture("rgb"))
  }

  @Test("bytes behind the picture do not matter", arguments: ["baseline.jpg", "rgb.png"])
  func trailingBytes(_ name: String) throws {
    let bytes = try Fixture.bytes(name)
    let alone = try decode(bytes: bytes, name: name)
    #expect(try decode(bytes: bytes + [1, 2, 3, 0xFF, 0xD8], name: name) == alone)
  }
}
