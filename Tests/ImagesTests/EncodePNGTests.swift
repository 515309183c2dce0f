import Images
import Testing

@Suite struct EncodePNGTests {
  @Test("a picture written as PNG reads back the same", arguments: [(1, 1), (3, 5), (64, 33)])
  func roundTrip(width: Int, height: Int) throws {
    let pixels = (0..<width * height * 3).map {
      UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7)
    }
    let image = RGBImage(width: width, height: height, pixels: pixels)
    #expect(try decode(bytes: encodePNG(image), name: "memory") == image)
    try Fixture.inTemporaryFolder { folder in
      let path = "\(folder)/written.png"
      try image.writePNG(path: path)
      #expect(try decode(path: path) == image)
    }
  }
}
