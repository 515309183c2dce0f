import Images
import Testing

/// Generated pictures. The expected results were made from the same ones with Pillow 12.3.
@Suite struct ResizeTests {
  private func pattern(width: Int, height: Int) -> RGBImage {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        let values = [
          x * 7 + y * 13 + (x * y) % 31 * 5, x * x / 50 + y * 3, x / 9 * 40 + y / 7 * 90,
        ]
        pixels += values.map { UInt8($0 % 256) }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    /// The box's left, top, width and height, and the target's width and height.
    let numbers: [Int]
    let filter: ResizeFilter
    init(_ numbers: Int..., filter: ResizeFilter = .bicubic) {
      self.numbers = numbers
      self.filter = filter
    }
    var name: String { numbers.map(String.init).joined(separator: "-") + "-\(filter)" }
    var testDescription: String { name }
  }

  @Test(
    "a box resized is PIL's crop and resize, to the bit",
    arguments: [
      Case(0, 0, 500, 375, 56, 56), Case(13, 7, 61, 47, 24, 24), Case(101, 33, 17, 23, 50, 40),
      Case(499, 374, 1, 1, 5, 4), Case(3, 5, 31, 29, 31, 29), Case(200, 100, 33, 60, 33, 20),
      Case(200, 100, 60, 33, 20, 33), Case(470, 0, 30, 375, 3, 50), Case(0, 0, 500, 375, 1, 1),
      Case(0, 200, 500, 3, 40, 2), Case(0, 0, 500, 375, 48, 36, filter: .bilinear),
      Case(17, 11, 19, 13, 44, 45, filter: .bilinear),
    ])
  func resizedCrop(_ test: Case) throws {
    let box = test.numbers
    let made = pattern(width: 500, height: 375).resizedCrop(
      left: box[0], top: box[1], width: box[2], height: box[3], toWidth: box[4], toHeight: box[5],
      filter: test.filter)
    #expect(try made == Fixture.picture("resize-\(test.name)"))
  }

  @Test("a whole picture at the size of a global crop is PIL's, by its hash")
  func globalCrop() {
    let made = pattern(width: 500, height: 375).resized(toWidth: 224, toHeight: 224)
    let hash = made.pixels.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
    #expect(hash == 5_584_329_532_517_938_395)
  }

  @Test("a box at its own size is a plain crop")
  func plainCrop() {
    let image = pattern(width: 20, height: 10)
    let made = image.resizedCrop(
      left: 3, top: 4, width: 5, height: 2, toWidth: 5, toHeight: 2)
    let rows = Array(image.pixels[249..<264] + image.pixels[309..<324])
    #expect(made.pixels == rows)
  }

  @Test("a resize keeps within the levels where a cubic overshoots")
  func overshoot() {
    let edge = RGBImage(
      width: 8, height: 1,
      pixels: (0..<8).flatMap { [UInt8](repeating: $0 < 4 ? 0 : 255, count: 3) })
    let made = edge.resized(toWidth: 64, toHeight: 1)
    #expect(made.pixels.first == 0 && made.pixels.last == 255)
    #expect(zip(made.pixels, made.pixels.dropFirst(3)).allSatisfy { $0 <= $1 })
  }

  @Test(
    "the evaluation view is torchvision's resize and centre crop",
    arguments: [[500, 375, 64, 56], [97, 301, 57, 50], [333, 100, 48, 42], [50, 50, 64, 56]])
  func evaluationView(_ numbers: [Int]) throws {
    let name = numbers.map(String.init).joined(separator: "-")
    let view = pattern(width: numbers[0], height: numbers[1])
      .evaluationView(resize: numbers[2], crop: numbers[3])
    #expect(try view == Fixture.picture("view-\(name)"))
  }

  @Test("a view that is not square is the middle of the square one")
  func rectangularView() {
    let image = pattern(width: 100, height: 140)
    let square = image.evaluationView(resize: 64, crop: 56)
    let view = image.evaluationView(resize: 64, crop: ImageSize(width: 40, height: 56))
    #expect(view.width == 40 && view.height == 56)
    for y in 0..<56 {
      let (wide, narrow) = ((y * 56 + 8) * 3, y * 40 * 3)
      #expect(square.pixels[wide..<wide + 120] == view.pixels[narrow..<narrow + 120])
    }
  }

  @Test("a centre between two pixels is rounded to even, or down as Hugging Face has it")
  func centre() {
    // 67 − 56 = 11 pixels remain: 5.5 on each side.
    let image = pattern(width: 64, height: 67)
    let size = ImageSize(width: 56, height: 56)
    for (centre, top) in [(CropCentre.torchvision, 6), (.huggingFace, 5)] {
      let view = image.evaluationView(resize: 64, crop: size, centre: centre)
      let first = (top * 64 + 4) * 3
      #expect(view.pixels[..<168] == image.pixels[first..<first + 168])
    }
  }

  @Test("the evaluation view of a line a million pixels long is a small square")
  func longLine() {
    let line = RGBImage(
      width: 1_000_000, height: 1, pixels: [UInt8](repeating: 77, count: 3_000_000))
    let view = line.evaluationView(resize: 256, crop: 224)
    #expect(view == RGBImage(width: 224, height: 224, pixels: .init(repeating: 77, count: 150_528)))
  }

  @Test("normalised values are planes of (value / 255 − mean) / deviation")
  func normalised() {
    let image = RGBImage(width: 2, height: 1, pixels: [0, 51, 255, 255, 102, 0])
    var values = [Float](repeating: .nan, count: 6)
    values.withUnsafeMutableBufferPointer {
      image.normalised(mean: [0.5, 0.25, 0], std: [0.5, 0.125, 2], into: $0)
    }
    let green: [Float] = [51, 102].map { ($0 / 255 - 0.25) / 0.125 }
    #expect(values == [-1, 1, green[0], green[1], 0.5, 0])
  }
}
