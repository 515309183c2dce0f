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
    #expect(try view(518, 392).resize == 592)
    #expect(try view(224, 224, resize: 224).resize == 224)
  }

  @Test(
    "a size that cannot be is refused, and the nearest that can be is named",
    arguments: [
      (225, 224, nil, "size 225 is no multiple of the patch, 14; the nearest is 224"),
      (224, 3, nil, "size 3 is no multiple of the patch, 14; the nearest is 14"),
      (224, 232, nil, "size 232 is no multiple of the patch, 14; the nearest is 238"),
      (2058, 224, nil, "size 2058 is more than 2048"),
      (224, 224, 200, "a shortest side of 200 does not hold a view of 224x224"),
    ] as [(Int, Int, Int?, String)])
  func refused(height: Int, width: Int, resize: Int?, reason: String) {
    let error = #expect(throws: EvaluationError.self) {
      try view(height, width, resize: resize)
    }
    #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
  }
}
