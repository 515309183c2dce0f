import Images
import Testing

/// What is wrong with files of the formats beyond JPEG and PNG.
@Suite struct FormatInputTests {
  private static let names = Fixture.formats.keys.sorted()

  private func found(_ bytes: [UInt8]) -> ImageError.Problem? {
    problem { () throws(ImageError) in _ = try decode(bytes: bytes, name: "x") }
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  @Test(
    "a file cut short is refused, or has all pixels that it had when whole", arguments: names)
  func truncated(_ name: String) throws {
    let bytes = try Fixture.format(name)
    let whole = try Fixture.expected(name)
    // The last number of a text may lose digits and still be a number.
    let isText = name.hasPrefix("text.")
    for length in 0..<bytes.count - (isText ? 8 : 0) {
      do throws(ImageError) {
        let image = try decode(bytes: Array(bytes.prefix(length)), name: name)
        #expect(image == whole, "the first \(length) bytes of \(bytes.count)")
      } catch {
        #expect(!error.isOutage && !error.description.contains("\n"))
      }
    }
    #expect(found(Array(bytes.prefix(bytes.count / 2))) != nil)
  }

  @Test("a file of a few bytes that claims a huge image is refused by its header")
  func huge() throws {
    let side = 60_000
    let sides = little(side, 2) + little(side, 2)
    var cases: [ImageFormat: [UInt8]] = [
      .ppm: Array("P5 \(side) \(side) 255\n".utf8),
      .bmp: Array("BM".utf8) + little(0, 8) + little(54, 4) + little(40, 4) + little(side, 4)
        + little(side, 4) + little(1, 2) + little(24, 2) + little(0, 24),
      .gif: Array("GIF89a".utf8) + sides + [0, 0, 0, 0x2C] + little(0, 4) + sides + [0, 2, 0],
      .webp: Array("RIFF".utf8) + little(100, 4) + Array("WEBPVP8X".utf8) + little(10, 4)
        + little(2, 4) + little(side - 1, 3) + little(side - 1, 3),
      .tiff: TIFFBuilder.file([
        (256, 4, side), (257, 4, side), (258, 3, 8), (262, 3, 1), (273, 4, 8), (279, 4, 1),
      ]),
    ]
    cases = cases.filter { ImageFormat.readable.contains($0.key) }
    for (format, bytes) in cases {
      #expect(
        found(bytes) == .tooLarge("60000 × 60000 pixels; at most 178956970 in all are allowed"),
        "\(format)")
    }
  }

  @Test("the limit of pixels is met exactly", arguments: names)
  func limits(_ name: String) throws {
    let bytes = try Fixture.format(name)
    let image = try Fixture.expected(name)
    var limits = ImageLimits(pixels: image.width * image.height)
    #expect(try decode(bytes: bytes, name: name, limits: limits) == image)
    limits.pixels -= 1
    let found = problem { () throws(ImageError) in
      _ = try decode(bytes: bytes, name: name, limits: limits)
    }
    #expect(found?.isTooLarge == true)
  }

  @Test(
    "values that a PPM file may not have are damage",
    arguments: [
      "P3 1 1 255 1 2 256 ", "P3 1 1 255 1 2 x ", "P2 1 1 0 0 ", "P2 1 1 65536 0 ", "P1 2 1 0 2",
      "P5 0 1 255\n ", "P5 1 99999999999 255\n ", "P6 1 1 255\n..", "P4 9 1\n.", "P2 -1 1 255 0 ",
    ])
  func values(_ text: String) {
    #expect(found(Array(text.utf8))?.isDamage == true)
  }

  @Test("headers of BMP files that are unknown, and pixels that are packed otherwise, are named")
  func bmp() throws {
    let sound = try Fixture.format("rgb.bmp")
    func changed(_ offset: Int, _ value: [UInt8]) -> ImageError.Problem? {
      var bytes = sound
      bytes.replaceSubrange(offset..<offset + value.count, with: value)
      return found(bytes)
    }
    #expect(changed(14, [16]) == .unsupported("a BMP header of 16 bytes"))
    #expect(changed(28, [2]) == .unsupported("BMP compression 0 with 2 bits a pixel"))
    #expect(changed(30, [4]) == .unsupported("BMP compression 4 with 24 bits a pixel"))
    #expect(changed(18, [0, 0, 0, 0]) == .damaged("it has no width or no height"))
    #expect(changed(10, [0xFF, 0xFF, 0xFF, 0xFF]) == .damaged("the file ends early"))
  }

  @Test("rows of runs that are empty, too long or end early leave the rest without colour")
  func runs() throws {
    let sound = try Fixture.format("runs8.bmp")
    let start = Int(sound[10]) + Int(sound[11]) << 8
    let palette = sound[54..<54 + 1024]
    func image(_ data: [UInt8]) throws -> [Int] {
      var bytes = Array(sound[..<start]) + data
      bytes.replaceSubrange(18..<26, with: little(3, 4) + little(3, 4))
      let pixels = try decode(bytes: bytes, name: "runs").pixels
      return (0..<9).map { pixel in
        let colour = pixels[pixel * 3..<pixel * 3 + 3]
        return (0..<256).first { index in
          palette.dropFirst(index * 4).prefix(3).reversed().elementsEqual(colour)
        }!
      }
    }
    // The lowest row comes first.
    #expect(try image([9, 5, 0, 0, 0, 0, 2, 7, 0, 1]) == [7, 7, 0, 0, 0, 0, 5, 5, 5])
    #expect(try image([1, 5, 0, 2, 1, 1, 1, 6, 0, 1]) == [0, 0, 0, 0, 0, 6, 5, 0, 0])
    #expect(try image([0, 1]) == [Int](repeating: 0, count: 9))
    #expect(throws: ImageError.self) { _ = try image([9, 5, 0]) }
  }
}
