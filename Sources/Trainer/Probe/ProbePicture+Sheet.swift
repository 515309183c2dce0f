import Evaluation
import Images
import Run

extension ProbePicture {
  /// Returns a picture of images of one size, in rows. They are made smaller until none of their
  /// sides has more than `side` pixels.
  static func sheet(
    _ images: [RGBImage], columns: Int, side: Int, _ number: Int, _ kind: Kind, step: Int
  ) -> ProbePicture {
    let longest = images.reduce(1) { max($0, $1.width, $1.height) }
    let scale = min(1, Double(side) / Double(longest))
    let small = images.map {
      $0.resized(
        toWidth: max(1, Int(Double($0.width) * scale)),
        toHeight: max(1, Int(Double($0.height) * scale)))
    }
    // Wide enough to be seen after a terminal has reduced the sheet.
    let gap = max(2, small[0].width / 10)
    let sheet = PatchPicture.contactSheet(small, columns: columns, gap: gap, shade: 16)
    return ProbePicture(
      step: step, number: number, kind: kind, width: sheet.width, height: sheet.height,
      pixels: sheet.pixels)
  }
}
