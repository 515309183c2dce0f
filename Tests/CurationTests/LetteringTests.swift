import Images
import Testing

import Curation

@Suite("Pictures of text alone")
struct LetteringTests {
  private let test = TestPool()

  /// A page of an invented script: lines of glyphs of 5 × 7 dots, each dot some pixels.
  private func page(
    ground: UInt8, ink: UInt8, dot: Int, width: Int = 300, height: Int = 400
  ) -> RGBImage {
    var pixels = [UInt8](repeating: ground, count: 3 * width * height)
    var state: UInt32 = 7
    func next() -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 16
    }
    for top in stride(from: 3 * dot, to: height - 10 * dot, by: 14 * dot) {
      for left in stride(from: 3 * dot, to: width - 8 * dot, by: 7 * dot) where next() % 6 > 0 {
        // A stem, and strokes that leave it.
        for row in 0..<7 {
          for column in 0..<5 where column == 0 || (row % 3 == 0 && next() % 3 > 0) {
            for y in 0..<dot {
              for x in 0..<dot {
                let pixel = (top + row * dot + y) * width + left + column * dot + x
                for channel in 0..<3 { pixels[3 * pixel + channel] = ink }
              }
            }
          }
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// Discs of one colour on a plain ground.
  private func discs(_ count: Int, radius: Int) -> RGBImage {
    let side = 240
    var pixels = [UInt8](repeating: 240, count: 3 * side * side)
    for number in 0..<count {
      let (x, y) = (40 + number * 73 % 160, 40 + number * 41 % 160)
      for row in max(0, y - radius)..<min(side, y + radius) {
        for column in max(0, x - radius)..<min(side, x + radius)
        where (row - y) * (row - y) + (column - x) * (column - x) < radius * radius {
          for channel in 0..<3 { pixels[3 * (row * side + column) + channel] = 30 }
        }
      }
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  /// Lines across the whole picture.
  private func drawing() -> RGBImage {
    let side = 240
    var pixels = [UInt8](repeating: 250, count: 3 * side * side)
    for y in 0..<side {
      for x in 0..<side where (x + y) % 80 < 2 || (x - y + side) % 110 < 2 {
        for channel in 0..<3 { pixels[3 * (y * side + x) + channel] = 20 }
      }
    }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  private func heap() throws {
    try test.add(page(ground: 250, ink: 20, dot: 2), "text/black.png")
    try test.add(page(ground: 30, ink: 230, dot: 3), "text/white.png")
    try test.add(page(ground: 255, ink: 0, dot: 5, width: 900, height: 500), "text/large.png")
    try test.add(discs(5, radius: 30), "other/discs.png")
    try test.add(drawing(), "other/lines.png")
    for number in 0..<6 { try test.add(test.picture(number), "other/\(number).png") }
  }

  @Test("a rule drops them, and neither drawings, shapes nor pictures")
  func rule() throws {
    try heap()
    let catalogue = try test.curate(
      "filter: {max_text: 0.85, min_entropy: 0}\nduplicates: {parts: false}\n", until: .filter)
    for name in ["black", "white", "large"] {
      #expect(try test.verdict(catalogue, "text/\(name).png")?.rule == "filter.max_text")
    }
    let kept = try test.kept(catalogue, after: .filter)
    #expect(kept.count == 8 && kept.allSatisfy { $0.hasPrefix("other/") }, "\(kept)")
  }

  @Test("by default they stay, and it is said how to drop them")
  func byDefault() throws {
    try heap()
    let catalogue = try test.curate("filter: {min_entropy: 0}\n", until: .filter)
    #expect(try test.kept(catalogue, after: .filter).count == 11)
    #expect(
      test.observer.notices.contains(
        "3 images look like text alone; filter.max_text 0.85 would drop them"))
  }
}
