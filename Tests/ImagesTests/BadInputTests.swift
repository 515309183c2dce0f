import Foundation
import Images
import Testing

@Suite struct BadInputTests {
  @Test("what is no picture is named for what it looks like")
  func otherFormats() {
    let cases: [(String, [UInt8])] = [
      ("text", Array("Not a picture.\n".utf8)),
      ("text", Array("BMW and P5 are text.\n".utf8)),
      ("text", Array("P5: more text\n".utf8)),
      ("HEIC", Array("\0\0\0\u{18}ftypheic".utf8)),
      ("AVIF", Array("\0\0\0\u{18}ftypavif".utf8)),
      ("unknown data", [0, 1, 2, 3]),
      ("unknown data", [0xFF]),
    ]
    for (look, bytes) in cases {
      let found = problem { () throws(ImageError) in _ = try decode(bytes: bytes, name: "x.jpg") }
      #expect(found == .notAnImage(looksLike: look))
    }
  }

  @Test("a file that cannot be read says why, in one line with its path")
  func unreadable() throws {
    try Fixture.inTemporaryFolder { folder in
      let empty = "\(folder)/empty.png"
      let text = "\(folder)/text.jpg"
      let pipe = "\(folder)/pipe.jpg"
      try write([], to: empty)
      try write(Array("hello".utf8), to: text)
      #expect(mkfifo(pipe, 0o600) == 0)
      let cases = [
        ("\(folder)/none.jpg", "no such file"),
        (empty, "the file is empty"),
        (text, "not \(ImageFormat.list("or")) (looks like text)"),
        (folder, "cannot be read: it is a folder"),
        (pipe, "cannot be read: it is not a regular file"),
      ]
      for (path, reason) in cases {
        for read in [{ _ = try decode(path: $0) }, { _ = try imageSize(path: $0) }]
          as [(String) throws -> Void]
        {
          let error = #expect(throws: ImageError.self) { try read(path) }
          #expect(error?.description == "\(path): \(reason)")
        }
      }
    }
  }

  @Test(
    "every JPEG cut short is damaged, even by one byte, and a PNG as soon as pixels are missing",
    arguments: [
      ("baseline.jpg", 1), ("progressive.jpg", 1), ("cmyk.jpg", 1), ("rgb.png", 22),
      ("rgb-interlaced.png", 22),
    ])
  func truncated(_ name: String, by fewest: Int) throws {
    let bytes = try Fixture.bytes(name)
    for length in 8...bytes.count - fewest {
      let found = problem { () throws(ImageError) in
        _ = try decode(bytes: Array(bytes.prefix(length)), name: name)
      }
      #expect(found?.isDamage == true, "the first \(length) bytes")
    }
  }

  @Test("a picture whose pixels end early is damaged though the file is closed properly")
  func closedTooEarly() throws {
    let bytes = try Fixture.bytes("baseline.jpg")
    let half = Array(bytes.prefix(bytes.count - 200)) + [0xFF, 0xD9]
    let found = problem { () throws(ImageError) in _ = try decode(bytes: half, name: "half") }
    #expect(found?.isDamage == true)
  }

  @Test("a JPEG of twelve bits a channel or without losses is unsupported, not damaged")
  func unsupported() throws {
    let sound = try Fixture.bytes("baseline.jpg")
    let frame = try #require(
      sound.indices.dropLast().first { sound[$0] == 0xFF && sound[$0 + 1] == 0xC0 })
    let cases: [(offset: Int, value: UInt8, reason: String)] = [
      (4, 12, "Unsupported JPEG data precision 12"),
      (1, 0xC3, "Unsupported JPEG process: SOF type 0xc3"),
    ]
    for (offset, value, reason) in cases {
      var bytes = sound
      bytes[frame + offset] = value
      let found = problem { () throws(ImageError) in _ = try decode(bytes: bytes, name: "odd") }
      #expect(found == .unsupported(reason))
    }
  }

  @Test("a flipped bit in a PNG's pixels is damage")
  func flippedBit() throws {
    var bytes = try Fixture.bytes("rgb.png")
    bytes[bytes.count - 40] ^= 1
    let found = problem { () throws(ImageError) in _ = try decode(bytes: bytes, name: "flipped") }
    #expect(found?.isDamage == true)
  }

  @Test(
    "a file of a few bytes that claims a huge picture is refused by its header",
    arguments: ["huge.png", "huge.jpg"])
  func huge(_ name: String) throws {
    let path = Fixture.path(name)
    let found = problem { () throws(ImageError) in _ = try decode(path: path) }
    #expect(
      found == .tooLarge("60000 × 60000 pixels; at most 178956970 in all are allowed"))
    #expect(try imageSize(path: path) == ImageSize(width: 60000, height: 60000))
  }

  @Test("the limits of pixels and bytes are met exactly")
  func limits() throws {
    let path = Fixture.path("rgb.png")
    let size = try Fixture.bytes("rgb.png").count
    let enough = ImageLimits(pixels: 24 * 16, bytes: size)
    #expect(try decode(path: path, limits: enough).width == 24)
    for limits in [
      ImageLimits(pixels: 24 * 16 - 1, bytes: size), ImageLimits(pixels: 24 * 16, bytes: size - 1),
    ] {
      let found = problem { () throws(ImageError) in _ = try decode(path: path, limits: limits) }
      #expect(found?.isTooLarge == true)
    }
  }

  @Test("a JPEG that asks for a thousand passes is refused")
  func scans() throws {
    let bytes = try Fixture.bytes("progressive.jpg")
    func marker(after index: Int, where isWanted: (UInt8) -> Bool) -> Int? {
      bytes.indices.dropLast().first {
        $0 > index && bytes[$0] == 0xFF && isWanted(bytes[$0 + 1])
      }
    }
    // The file repeats its first scan, which is allowed. In the data of a scan, a zero follows
    // each 0xFF that is no marker.
    let start = try #require(marker(after: 0) { $0 == 0xDA })
    let end = try #require(marker(after: start) { $0 != 0 })
    var bomb = Array(bytes[..<end])
    for _ in 0..<1000 { bomb += bytes[start..<end] }
    bomb += bytes[end...]
    let found = problem { () throws(ImageError) in _ = try decode(bytes: bomb, name: "bomb")
    }
    #expect(found == .damaged("more than 500 scans"))
  }

  @Test("a folder that is not there cannot be written to")
  func unwritable() throws {
    let image = RGBImage(width: 1, height: 1, pixels: [1, 2, 3])
    let path = "/nonexistent/picture.png"
    let found = problem { () throws(ImageError) in try image.writePNG(path: path) }
    #expect(found == .unwritable("No such file or directory"))
  }
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}
