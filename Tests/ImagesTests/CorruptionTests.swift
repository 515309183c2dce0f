import Images
import Testing

@Suite struct CorruptionTests {
  /// Marsaglia's xorshift, so that every run corrupts the same bytes.
  private struct Xorshift {
    var state: UInt64
    mutating func next(below bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
  }

  @Test(
    "a thousand ways of spoiling a file give a picture or an error, never a crash",
    arguments: [
      "baseline.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg", "palette.png",
      "rgb-interlaced.png", "orientation-6.png",
    ])
  func corrupted(_ name: String) throws {
    let sound = try Fixture.bytes(name)
    let limits = ImageLimits(pixels: 1 << 20)
    var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
    var refused = 0
    for _ in 0..<1000 {
      var bytes = sound
      for _ in 0...random.next(below: 8) {
        bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
      }
      if random.next(below: 4) == 0 {
        let start = random.next(below: bytes.count)
        bytes.removeSubrange(start..<min(bytes.count, start + random.next(below: 16)))
      }
      do {
        let image = try decode(bytes: bytes, name: name, limits: limits)
        #expect(image.width * image.height <= limits.pixels)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 500)
  }
}
