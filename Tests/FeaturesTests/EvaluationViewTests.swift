import Features
import Images
import Testing

@Suite("The view that evaluation has")
struct EvaluationViewTests {
  private func view(_ height: Int, _ width: Int, resize: Int? = nil) throws -> EvaluationView {
    try EvaluationView(
      size: ImageSize(width: width, height: height), resize: resize, patch: 14, mean: [], std: [])
  }

  @Test("the shortest side is to the longer side of the view as 256 to 224")
  func proportion() throws {
    #expect(try view(224, 224).resize == 256)
    #expect(try view(98, 98).resize == 112)
    #expect(EvaluationView(probing: 98, mean: [], std: []).resize == 112)
    #expect(try view(518, 392).resize == 592)
    #expect(try view(224, 224, resize: 224).resize == 224)
  }

  @Test(
    "a size that cannot be is refused, and the nearest that can be is named",
    arguments: [
      (225, 224, nil, "size 225 is not a multiple of the patch size 14; the nearest is 224"),
      (224, 3, nil, "size 3 is not a multiple of the patch size 14; the nearest is 14"),
      (224, 232, nil, "size 232 is not a multiple of the patch size 14; the nearest is 238"),
      (2058, 224, nil, "size 2058 is more than 2048"),
      (224, 224, 200, "a shortest side of 200 is too small for a view of 224x224"),
    ] as [(Int, Int, Int?, String)])
  func refused(height: Int, width: Int, resize: Int?, reason: String) {
    let error = #expect(throws: FeatureError.self) {
      try view(height, width, resize: resize)
    }
    #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
  }

  @Test("the probe takes a picture up to 8/7 of its view whole, a larger one at 256 to 224")
  func probing() throws {
    // A white frame of two pixels around black.
    func corner(_ side: Int, _ view: EvaluationView) -> UInt8 {
      let pixels = (0..<side * side).flatMap { index in
        let edge = [index % side, index / side].map { min($0, side - 1 - $0) }.min()!
        return [UInt8](repeating: edge < 2 ? 255 : 0, count: 3)
      }
      let seen = view.picture(RGBImage(width: side, height: side, pixels: pixels))
      #expect(seen.width == 28 && seen.height == 28)
      return seen.pixels[0]
    }
    let probing = EvaluationView(probing: 28, mean: [], std: [])
    #expect(corner(32, probing) > 229 && corner(33, probing) < 26)
    #expect(try corner(32, view(28, 28)) < 26)
  }

  @Test("the probe decodes large images at no less than twice its view, other commands whole")
  func scale() throws {
    let probing = EvaluationView(probing: 28, mean: [], std: [])
    func scales(_ side: Int) throws -> [ImageScale] {
      let whole = ImageSize(width: 2 * side, height: side)
      return [probing.scale(of: whole), try view(28, 28).scale(of: whole)]
    }
    #expect(try scales(110) == [.whole, .whole])
    #expect(try scales(111) == [.half, .whole])
    #expect(try scales(448) == [.eighth, .whole])
  }
}
