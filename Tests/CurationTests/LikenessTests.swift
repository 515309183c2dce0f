import Crops
import Curation
import Foundation
import Images
import Support
import TestSupport
import Testing

@Suite("What makes two pictures alike")
struct LikenessTests {
  private let textures = EmbeddedSource(seed: 9, size: 256, count: 16)

  private func parts(_ image: RGBImage) -> PictureParts { PictureParts(of: image) }

  @Test("a picture is found in its crops, on a canvas, smaller and turned; others are not")
  func found() throws {
    for number in 0..<4 {
      let whole = textures.image(number)
      let copies = [
        "crop": whole.resizedCrop(
          left: 40, top: 50, width: 180, height: 180, toWidth: 180, toHeight: 180),
        "half": whole.resized(toWidth: 128, toHeight: 128),
        "framed": whole.framed(40, 200),
        "turned": whole.turned(0.4),
      ]
      for (name, copy) in copies {
        let score = parts(whole).score(parts(copy))
        #expect(score > 0.55, "\(name) of \(number): \(score)")
      }
      let other = textures.image(number + 8)
      #expect(parts(whole).score(parts(other)) < 0.4)
      #expect(parts(whole).score(parts(other.framed(40, 200))) < 0.4)
    }
  }

  @Test("different pictures with the same small picture in a corner are not copies")
  func logo() {
    let logo = textures.image(5).resized(toWidth: 80, toHeight: 80)
    let marked = [1, 2].map { number -> RGBImage in
      var image = textures.image(number)
      for y in 0..<80 {
        let start = 3 * (y * image.width)
        image.pixels.replaceSubrange(
          start..<start + 240, with: logo.pixels[240 * y..<240 * (y + 1)])
      }
      return image
    }
    #expect(parts(marked[0]).score(parts(marked[1])) < 0.5)
  }

  @Test("a picture without anything distinct is like none")
  func plain() throws {
    let plain = RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 9, count: 64 * 64 * 3))
    #expect(parts(plain).score(parts(plain)) == 0)
    let small = RGBImage(width: 3, height: 2, pixels: [UInt8](repeating: 9, count: 18))
    #expect(parts(small).score(parts(textures.image(0))) == 0)
  }

  @Test("what is kept of a picture is read back, and its likeness is the same")
  func file() throws {
    let folder = TemporaryFolder()
    let file = try RecordFile<PictureParts>(path: folder.file("keypoints"))
    let (a, b) = (parts(textures.image(0)), parts(textures.image(0).framed(30, 99)))
    try file.put(a, of: 3)
    try file.put(b, of: 7)
    #expect(file.has(3) && file.has(7) && !file.has(5) && !file.has(9))
    let again = try RecordFile<PictureParts>(path: folder.file("keypoints"))
    let (one, other) = (
      try #require(try again.record(of: 3)), try #require(try again.record(of: 7))
    )
    #expect(abs(one.score(other) - a.score(b)) < 0.05)
    #expect(try again.record(of: 5) == nil && again.record(of: 9) == nil)
  }
}

extension RGBImage {
  /// Turned about its middle by an angle, on black.
  fileprivate func turned(_ angle: Double) -> RGBImage {
    var result = self
    let (middle, c, s) = (Double(width - 1) / 2, cos(angle), sin(angle))
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (Double(x) - middle, Double(y) - middle)
        let (px, py) = (
          Int((c * u + s * v + middle).rounded()), Int((c * v - s * u + middle).rounded())
        )
        for channel in 0..<3 {
          let isInside = px >= 0 && px < width && py >= 0 && py < height
          result.pixels[3 * (y * width + x) + channel] =
            isInside ? pixels[3 * (py * width + px) + channel] : 0
        }
      }
    }
    return result
  }
}
