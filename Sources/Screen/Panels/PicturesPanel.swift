import Run
import Support

/// Draws some of the probe's images, and below each what its patches look like to the network, at the
/// cursor or at the last probe.
func drawPictures(_ view: RunView, on canvas: inout Canvas) {
  let gallery = PictureGallery(view.pictures, upTo: view.state.cursor)
  guard let step = gallery.step else {
    canvas.paragraph(
      view.record.evaluations.isEmpty
        ? "no probe yet: the first one makes the first pictures"
        : "no pictures: probe.pictures is 0, probe.label_free is off, or the probe's images cannot be read",
      x: 0, y: canvas.height / 2, lines: 2, Style(.dim))
    return
  }
  let place = GalleryLayout(gallery, canvas.width, canvas.height - 2)
  for (position, number) in gallery.numbers.prefix(place.shown).enumerated() {
    for (kind, corner) in place.corners(position) {
      guard let picture = gallery.picture(number, kind) else { continue }
      canvas.pixels(
        picture, Rect(x: corner.x, y: corner.y, width: place.side, height: place.rows))
    }
  }
  let left = gallery.numbers.count - place.shown
  let rest = left > 0 ? "   \(Format.count(left, "image")) more in a larger terminal" : ""
  canvas.text(
    [
      ("step \(Format.count(step))", Style(.text, .bold)),
      ("   like colours are like features, across all images", Style(.dim)), (rest, Style(.dim)),
    ], x: 0, y: canvas.height - 1)
}

/// The pictures of a run at a step.
struct PictureGallery {
  /// The step of the components; `nil` if there are none.
  let step: Int?
  private let pictures: [ProbePicture]

  /// Takes the last pictures up to a step, or the last of all.
  init(_ all: [ProbePicture], upTo cursor: Int?) {
    let steps = all.filter { $0.kind == .components }.map(\.step)
    let step = cursor.map { cursor in steps.last { $0 <= cursor } ?? steps.first } ?? steps.last
    self.step = step
    let taken = all.last { $0.kind == .image && $0.step <= step ?? 0 }?.step
    pictures = all.filter {
      $0.kind == .components ? $0.step == step : $0.step == taken
    }
  }

  /// The numbers of the images.
  var numbers: [Int] { pictures.filter { $0.kind == .components }.map(\.number) }

  func picture(_ number: Int, _ kind: ProbePicture.Kind) -> ProbePicture? {
    pictures.first { $0.number == number && $0.kind == kind }
  }

  /// The patches along a side.
  var grid: Int { pictures.first { $0.kind == .components }?.width ?? 1 }

  /// Width over height of a picture.
  var shape: Double {
    pictures.first.map { Double($0.width) / Double($0.height) } ?? 1
  }
}

/// How large pictures are and where they stand: an image beside its components, or above them, whichever
/// lets them be larger. A cell is two pixels, one above the other.
struct GalleryLayout {
  /// The width of a picture in cells, and its height.
  private(set) var side = 6
  private(set) var rows = 3
  private(set) var shown = 0
  private var columns = 1
  private var isBeside = true

  /// Finds the largest size with which all images fit, or else as many as fit at the smallest.
  init(_ gallery: PictureGallery, _ width: Int, _ height: Int) {
    let count = gallery.numbers.count
    for side in stride(from: 64, through: 6, by: -1) {
      for isBeside in [true, false] {
        // Each patch gets as many cells as any other.
        guard side % max(gallery.grid, 1) == 0 || side < 2 * gallery.grid else { continue }
        (self.side, self.isBeside) = (side, isBeside)
        rows = max(1, Int((Double(side) / gallery.shape / 2).rounded()))
        columns = max(0, (width + 2) / (pair.width + 2))
        shown = min(count, columns * max(0, (height + 1) / (pair.height + 1)))
        if shown == count { return }
      }
    }
  }

  private var pair: Size { isBeside ? Size(2 * side + 1, rows) : Size(side, 2 * rows) }

  /// Returns the corners of an image and of its components.
  func corners(_ position: Int) -> [(kind: ProbePicture.Kind, corner: (x: Int, y: Int))] {
    let x = position % columns * (pair.width + 2)
    let y = position / columns * (pair.height + 1)
    let second = isBeside ? (x: x + side + 1, y: y) : (x: x, y: y + rows)
    return [(.image, (x, y)), (.components, second)]
  }
}

extension Canvas {
  /// Draws a picture, resized to a rectangle of cells: each pixel on the screen has the mean of those that it
  /// covers.
  mutating func pixels(_ picture: ProbePicture, _ place: Rect) {
    func span(_ index: Int, of count: Int, _ size: Int) -> Range<Int> {
      let start = index * size / count
      return start..<max(start + 1, (index + 1) * size / count)
    }
    func colour(_ x: Int, _ y: Int) -> Colour {
      let columns = span(x, of: place.width, picture.width)
      let lines = span(y, of: 2 * place.height, picture.height)
      let parts = (0..<3).map { channel in
        let sum = lines.reduce(0) { sum, line in
          columns.reduce(sum) {
            $0 + Int(picture.pixels[(line * picture.width + $1) * 3 + channel])
          }
        }
        let mean = UInt8(sum / (lines.count * columns.count))
        // Five bits a channel: a terminal has room for so many pairs of colours only.
        return mean & 0xf8 | mean >> 5
      }
      return .rgb(parts[0], parts[1], parts[2])
    }
    for y in 0..<place.height {
      for x in 0..<place.width {
        var style = Style()
        style.pixels = Style.Pixels(upper: colour(x, 2 * y), lower: colour(x, 2 * y + 1))
        put(Cell.pixels, x: place.x + x, y: place.y + y, style)
      }
    }
  }
}
