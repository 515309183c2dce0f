import Images
import Tensor

/// Lines of signs that look like text. What they say does not matter, only that they lie on the image.
enum CopyText {
  /// Writes one to three lines.
  static func write(on image: inout RGBImage, _ random: inout CounterRandom) {
    let colour = (0..<3).map { _ in UInt8(random.below(256)) }
    for _ in 0..<1 + random.below(3) {
      // A sign has 3 × 5 dots, and a space to each side.
      let dot = max(1, Int(Float(image.width) * random.uniform(0.015, 0.04)))
      let top = random.below(max(1, image.height - 5 * dot))
      var left = random.below(max(1, image.width / 2))
      for _ in 0..<4 + random.below(12) where left + 3 * dot <= image.width {
        draw(random.next32(), dot: dot, at: (left, top), colour, on: &image)
        left += 4 * dot * (random.chance(0.15) ? 2 : 1)
      }
    }
  }

  /// Draws a sign, whose dots are bits.
  private static func draw(
    _ bits: UInt32, dot: Int, at corner: (x: Int, y: Int), _ colour: [UInt8],
    on image: inout RGBImage
  ) {
    for place in 0..<15 where bits >> place & 1 == 1 {
      for y in 0..<dot {
        for x in 0..<dot {
          let (column, row) = (corner.x + place % 3 * dot + x, corner.y + place / 3 * dot + y)
          guard column < image.width, row < image.height else { continue }
          let at = (row * image.width + column) * 3
          image.pixels.replaceSubrange(at..<at + 3, with: colour)
        }
      }
    }
  }
}
