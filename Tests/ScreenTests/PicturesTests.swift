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

  @Test("a smoothed curve begins at its first value and follows the others slowly")
  func smooth() {
    let points = [4.0, 4, 8].enumerated().map { Point(x: Double($0), y: $1) }
    let found = smoothed(points, 0.5).map(\.y)
    #expect(found[0] == 4 && found[1] == 4)
    // (4/8 + 4/4 + 8/2) / (1/8 + 1/4 + 1/2)
    #expect(abs(found[2] - 5.5 / 0.875) < 1e-12)
  }
}
