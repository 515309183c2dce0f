import Images
import Tensor
import Testing

import Curation

@Suite("A thumbnail laid on another")
struct ThumbnailRegistrationTests {
  /// Coarse colours at random, which are different for each number.
  private func picture(_ number: Int) -> RGBImage {
    var random = CounterRandom(seed: 5, use: .test, number)
    let pixels = (0..<10 * 10 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    return RGBImage(width: 10, height: 10, pixels: pixels).resized(toWidth: 80, toHeight: 80)
  }

  private func laid(_ image: RGBImage) -> ThumbnailRegistration {
    ThumbnailRegistration(Thumbnail(of: image))
  }

  @Test(
    "parts of a picture agree where they overlap, however they were moved and stretched",
    arguments: [
      (x: 6, y: 6, width: 68, height: 68), (x: 0, y: 4, width: 70, height: 76),
      (x: 8, y: 0, width: 72, height: 64),
    ])
  func parts(_ box: (x: Int, y: Int, width: Int, height: Int)) {
    for number in 0..<8 {
      let (whole, other) = (laid(picture(number)), laid(picture(number + 100)))
      let part = laid(
        picture(number).resizedCrop(
          left: box.x, top: box.y, width: box.width, height: box.height, toWidth: 32, toHeight: 32))
      let likeness = part.likeness(to: whole)
      // Of one way all of the part is common, of the other the part's share of the picture.
      let share = Double(box.width * box.height) / (80 * 80)
      #expect(abs(likeness - (1 + share.squareRoot()) / 2) < 0.06, "\(number): \(likeness)")
      #expect(likeness == whole.likeness(to: part))
      #expect(part.likeness(to: other) < 0.5)
    }
  }

  @Test("tint and contrast do not matter, and a picture of one colour is like none")
  func contrast() {
    var tinted = picture(1)
    for at in tinted.pixels.indices {
      tinted.pixels[at] = UInt8(40 + Int(tinted.pixels[at]) / (at % 3 == 0 ? 3 : 2))
    }
    #expect(laid(tinted).likeness(to: laid(picture(1))) > 0.9)
    let plain = RGBImage(width: 32, height: 32, pixels: [UInt8](repeating: 128, count: 32 * 32 * 3))
    #expect(abs(laid(plain).likeness(to: laid(picture(1)))) < 0.01)
    #expect(abs(laid(plain).likeness(to: laid(plain))) < 0.01)
  }
}
