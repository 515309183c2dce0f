import Run
import Screen
import Support
import TestSupport
import Testing

@Suite("Pictures and smoothed curves")
struct PicturesTests {
  private func picture(
    _ step: Int, _ kind: ProbePicture.Kind, _ colour: [UInt8]
  ) -> ProbePicture {
    ProbePicture(
      step: step, number: 0, kind: kind, width: 2, height: 2,
      pixels: (0..<4).flatMap { _ in colour })
  }

  @Test("the pictures of the cursor's probe are drawn, in their own colours, and as shades")
  func drawn() {
    func colours(_ cursor: Int?) -> Set<Colour> {
      var view = SampleRun.view { ($0.panel, $0.cursor) = (.pictures, cursor) }
      view.pictures = [
        picture(0, .image, [255, 255, 255]), picture(0, .components, [255, 0, 0]),
        picture(100, .components, [0, 0, 255]),
      ]
      let canvas = drawDashboard(view, size: Size(80, 24))
      #expect(canvas.shaded.rows.contains { $0.contains("█") })
      return Set(canvas.cells.compactMap { $0.style.pixels?.upper })
    }
    #expect(colours(nil) == [.rgb(255, 255, 255), .rgb(0, 0, 255)])
    #expect(colours(99) == [.rgb(255, 255, 255), .rgb(255, 0, 0)])
  }

  @Test("v goes through the kinds of pictures; each stands beside its image, at one height")
  func kinds() {
    func strip(_ kind: ProbePicture.Kind, _ colour: [UInt8], _ width: Int) -> ProbePicture {
      ProbePicture(
        step: 100, number: 0, kind: kind, width: width, height: 2,
        pixels: (0..<2 * width).flatMap { _ in colour })
    }
    var view = SampleRun.view { $0.panel = .pictures }
    view.pictures = [
      picture(0, .image, [255, 255, 255]), strip(.components, [0, 0, 255], 2),
      strip(.attention, [255, 0, 0], 2), strip(.neighbours, [0, 255, 0], 6),
      strip(.prototypes, [255, 255, 0], 8), strip(.globalCrops, [255, 0, 255], 4),
      strip(.localCrops, [0, 255, 255], 3),
    ]
    func cells() -> [Colour: Int] {
      let canvas = drawDashboard(view, size: Size(120, 40))
      return Dictionary(
        grouping: canvas.cells.compactMap { $0.style.pixels?.upper }, by: { $0 }
      ).mapValues(\.count)
    }
    #expect(Set(cells().keys) == [.rgb(255, 255, 255), .rgb(0, 0, 255)])
    func next() { _ = view.state.handle(.character("v"), record: view.record, now: 0) }
    next()
    #expect(Set(cells().keys) == [.rgb(255, 255, 255), .rgb(255, 0, 0)])
    next()
    let neighbours = cells()
    #expect(neighbours[.rgb(0, 255, 0)] == 3 * (neighbours[.rgb(255, 255, 255)] ?? 0))
    next()
    #expect(Set(cells().keys) == [.rgb(255, 255, 0)])
    next()
    let crops = cells()
    #expect(Set(crops.keys) == [.rgb(255, 0, 255), .rgb(0, 255, 255)])
    let ratio = Double(crops[.rgb(255, 0, 255)]!) / Double(crops[.rgb(0, 255, 255)]!)
    #expect(abs(ratio - 4 / 3) < 0.02, "to a cell")
    next()
    #expect(view.state.pictures == .components)
    view.state.pictures = .attention
    view.pictures.removeAll { $0.kind == .attention }
    #expect(
      drawDashboard(view, size: Size(80, 24)).rows.contains { $0.contains("no attention yet") })
  }

  @Test("a smoothed curve begins at its first value and follows the others slowly")
  func smooth() {
    let points = [4.0, 4, 8].enumerated().map { Point(x: Double($0), y: $1) }
    let found = smoothed(points, 0.5).map(\.y)
    #expect(found[0] == 4 && found[1] == 4)
    // (4/8 + 4/4 + 8/2) / (1/8 + 1/4 + 1/2)
    #expect(abs(found[2] - 5.5 / 0.875) < 1e-12)
  }
}
