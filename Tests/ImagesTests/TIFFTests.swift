import Images
import TestSupport
import Testing

@Suite(.enabled(if: ImageFormat.readable.contains(.tiff))) struct TIFFTests {
  private func read(_ bytes: [UInt8]) throws(ImageError) -> [UInt8] {
    try decode(bytes: bytes, name: "x.tif").pixels
  }

  private func found(_ bytes: [UInt8]) -> ImageError.Problem? {
    problem { () throws(ImageError) in _ = try read(bytes) }
  }

  private func grey(_ levels: [UInt8]) -> [UInt8] { levels.flatMap { [$0, $0, $0] } }

  @Test("the first page is read, whatever the directory names as the next, itself included")
  func pages() throws {
    let alone = try read(TIFFBuilder.grey())
    #expect(alone == grey(Array(1...8)))
    for next in [8, 16, 17, 4000, 0xFFFF_FFFF] {
      #expect(try read(TIFFBuilder.grey(next: next)) == alone, "the next is at \(next)")
    }
  }

  @Test("what is not defined as colours is named")
  func unsupported() {
    let cases: [([Int: Int], ImageError.Problem)] = [
      ([262: 8], .unsupported("L*a*b* colours with 8 bits a sample")),
      ([262: 32803], .unsupported("the mosaic of a sensor with 8 bits a sample")),
      ([262: 77], .unsupported("photometric interpretation 77 with 8 bits a sample")),
      ([258: 24], .unsupported("samples of 24 bits in sample format 1")),
      ([258: 32, 339: 5], .unsupported("samples of 32 bits in sample format 5")),
      ([259: 9999], .unsupported("TIFF compression 9999")),
      ([262: 3, 258: 4], .damaged("MissingRequired \"Colormap\"")),
      ([262: 2], .damaged("its pixels have 1 samples, and 3 are needed")),
    ]
    for (changes, expected) in cases {
      let found = found(TIFFBuilder.grey(changes))
      #expect(found == expected || expected.isDamage && found?.isDamage == true, "\(changes)")
    }
  }

  @Test("strips, tiles and samples that would take unbounded memory are refused before it is taken")
  func bounded() throws {
    let cases: [[Int: Int]] = [
      [322: 1 << 20, 323: 1 << 20, 324: 8, 325: 8, 273: 0, 278: 0, 279: 0],
      [322: 0x7FFF_FFF0, 323: 0x7FFF_FFF0, 324: 8, 325: 8],
      [277: 65535, 258: 64, 256: 60000, 257: 2000],
      [256: 100_000_000, 257: 1, 277: 1000],
      [273: 0xFFFF_FFF0],
    ]
    for changes in cases {
      let problem = found(TIFFBuilder.grey(changes))
      #expect(problem?.isDamage == true || problem?.isTooLarge == true, "\(changes)")
    }
    // A tile may be larger than a small image.
    let tile = [UInt8](repeating: 9, count: 64 * 64)
    let tiled = TIFFBuilder.file(
      [
        (256, 4, 4), (257, 4, 2), (258, 3, 8), (262, 3, 1), (277, 3, 1), (322, 4, 64),
        (323, 4, 64), (324, 4, 8), (325, 4, tile.count),
      ], pixels: tile)
    #expect(try read(tiled) == grey([UInt8](repeating: 9, count: 8)))
  }

  @Test("floats are fractions of white, levels, or what lies between the lowest and the highest")
  func floats() throws {
    func read(_ values: [Float]) throws -> [UInt8] {
      let pixels = values.flatMap { withUnsafeBytes(of: $0) { Array($0) } }
      return try self.read(TIFFBuilder.grey(pixels: pixels, [258: 32, 339: 3, 279: 32]))
    }
    let infinity = Float.infinity
    #expect(
      try read([0, 1, 0.5, 0.25, 0.001, 0.002, .nan, 1]) == grey([0, 255, 128, 64, 0, 1, 0, 255]))
    #expect(
      try read([0, 1, 2, 254.9, 255, 0.9, -0, infinity]) == grey([0, 1, 2, 254, 255, 0, 0, 255]))
    #expect(
      try read([-1, 0, 1, 0.5, -infinity, infinity, .nan, 1])
        == grey([0, 128, 255, 191, 0, 255, 0, 255]))
    let most = Float.greatestFiniteMagnitude
    #expect(
      try read([-most, most, 0, 0, 0, 0, 0, 0])
        == grey([0, 255] + [UInt8](repeating: 128, count: 6)))
    let none = [Float](repeating: .nan, count: 8)
    #expect(try read(none) == grey([UInt8](repeating: 0, count: 8)))
    let one = [Float](repeating: 300, count: 8)
    #expect(try read(one) == grey([UInt8](repeating: 0, count: 8)))
  }

  @Test("a JPEG stream in a TIFF file that lacks pixels is damage")
  func cutStream() throws {
    var bytes = try Fixture.format("jpeg-ycbcr.tif")
    let scan = try #require(
      bytes.indices.dropLast().last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    bytes.replaceSubrange(scan + 40..<scan + 42, with: [0xFF, 0xD9])
    #expect(found(bytes)?.isDamage == true)
  }
}
