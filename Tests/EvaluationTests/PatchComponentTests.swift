import Evaluation
import Features
import Images
import Testing

@Suite("Components of patches")
struct PatchComponentTests {
  /// Two images of 4 × 4 patches. The 2 × 2 patches in the middle are far from the others along
  /// one axis and differ along other axes.
  private func features(_ sign: Float) -> [Float] {
    (0..<32).flatMap { patch -> [Float] in
      let (image, y, x) = (patch / 16, patch / 4 % 4, patch % 4)
      let isThing = (1...2).contains(y) && (1...2).contains(x)
      guard isThing else { return [-10 * sign, 0.01 * Float(x), 0, 0.01 * Float(y), 5] }
      return [30 * sign, Float(x), 0.5 * Float(y), 0.25 * Float(image), 5]
    }
  }

  @Test(
    "what stands out from the border is foreground, on whichever side it lies", arguments: [1, -1])
  func foreground(sign: Float) throws {
    let outcome = try PatchComponents().colours(
      features(sign), rows: 4, columns: 4, embedDim: 5, kernels: kernels())
    let thing = (0..<32).filter { [5, 6, 9, 10].contains($0 % 16) }
    #expect(outcome.colours.indices.filter { outcome.colours[$0] != nil } == thing)
    let flipped = try PatchComponents(isFlipped: true).colours(
      features(sign), rows: 4, columns: 4, embedDim: 5, kernels: kernels())
    #expect(flipped.colours.indices.filter { flipped.colours[$0] == nil } == thing)
  }

  @Test("the longest axes of the foreground alone are the colours, from 0 to 1, shared by images")
  func colours() throws {
    let outcome = try PatchComponents().colours(
      features(1), rows: 4, columns: 4, embedDim: 5, kernels: kernels())
    for image in 0..<2 {
      for (x, patches) in [(0, [5, 9]), (1, [6, 10])] {
        for (y, patch) in patches.enumerated() {
          let colour = try #require(outcome.colours[16 * image + patch])
          // The sign of each component is arbitrary, but not its range.
          let first = try #require(outcome.colours[5])
          #expect(abs(abs(colour[0] - first[0]) - Float(x)) < 1e-3)
          #expect(abs(abs(colour[1] - first[1]) - Float(y)) < 1e-3)
          #expect(abs(abs(colour[2] - first[2]) - Float(image)) < 1e-3)
        }
      }
    }
    #expect(outcome.explained.count == 3)
    #expect(abs(outcome.explained[0] - 16 / 21) < 1e-3 && abs(outcome.explained[1] - 4 / 21) < 1e-3)
  }

  @Test("features that are all the same, and a threshold that leaves nothing, are told")
  func nothing() {
    let same = [Float](repeating: 3, count: 16 * 5)
    #expect(
      throws: EvaluationError("all patches have the same features; there are no components to show")
    ) {
      try PatchComponents().colours(same, rows: 4, columns: 4, embedDim: 5, kernels: kernels())
    }
    let error = #expect(throws: EvaluationError.self) {
      try PatchComponents(threshold: 9).colours(
        features(1), rows: 4, columns: 4, embedDim: 5, kernels: kernels())
    }
    #expect(error?.description.hasPrefix("0 of 32 patches are foreground") == true)
  }

  @Test("a picture has a square for each patch, and pictures are put side by side and in sheets")
  func pictures() {
    let painted = PatchPicture.paint(
      [SIMD3(1, 0, 0.5), nil][...], columns: 2, patch: 2)
    #expect(painted.width == 4 && painted.height == 2)
    #expect(painted.pixels[..<12] == [255, 0, 128, 255, 0, 128, 0, 0, 0, 0, 0, 0])
    #expect(painted.pixels[..<12] == painted.pixels[12...])
    let pair = PatchPicture.beside(painted, painted)
    #expect(pair.width == 8 && pair.pixels[12..<18] == [255, 0, 128, 255, 0, 128])
    let sheet = PatchPicture.contactSheet([painted, painted, painted], columns: 2)
    #expect(sheet.width == 8 && sheet.height == 4)
    #expect(sheet.pixels[48..<54] == [255, 0, 128, 255, 0, 128])
    #expect(sheet.pixels.suffix(12).allSatisfy { $0 == 255 })
  }
}
