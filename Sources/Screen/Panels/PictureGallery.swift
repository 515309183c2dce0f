import Run
import Support

/// The pictures that are shown, of a step.
struct PictureGallery {
  /// The step of the pictures; `nil` if there are none.
  let step: Int?
  private let view: PictureView
  private let pictures: [ProbePicture]

  /// Takes the last pictures up to a step, or the last of all.
  init(_ all: [ProbePicture], _ view: PictureView, upTo cursor: Int?) {
    let steps = all.filter { $0.kind == view.main }.map(\.step)
    let step = cursor.map { cursor in steps.last { $0 <= cursor } ?? steps.first } ?? steps.last
    (self.step, self.view) = (step, view)
    let taken = all.last { $0.kind == .image && $0.step <= step ?? 0 }?.step
    pictures = all.filter {
      view.kinds.contains($0.kind) && $0.step == ($0.kind == .image ? taken : step)
    }
  }

  /// The numbers of the images.
  var numbers: [Int] { pictures.filter { $0.kind == view.main }.map(\.number) }

  func picture(_ number: Int, _ kind: ProbePicture.Kind) -> ProbePicture? {
    pictures.first { $0.number == number && $0.kind == kind }
  }

  /// The kinds of pictures that there are, and the width of each over its height.
  var shapes: [(kind: ProbePicture.Kind, shape: Double)] {
    view.kinds.compactMap { kind in
      pictures.first { $0.kind == kind }.map { (kind, Double($0.width) / Double($0.height)) }
    }
  }

  /// The pixels along a side of pictures with one for each patch; 1 if there are none.
  var grid: Int {
    pictures.first { $0.kind == .components || $0.kind == .attention }?.width ?? 1
  }
}

/// How large pictures are and where they stand: those of an image have one height, and stand beside each other or
/// one above the other, whichever lets them be larger. A cell is two pixels, one above the other.
struct GalleryLayout {
  private(set) var shown = 0
  private var columns = 1
  private let isBeside: Bool
  private let kinds: [ProbePicture.Kind]
  /// The sizes of an image's pictures in cells.
  private let sizes: [Size]

  /// Finds the largest size with which all images fit, or else one with which most of them do.
  init(_ gallery: PictureGallery, _ width: Int, _ height: Int) {
    let shape = gallery.shapes.first?.shape ?? 1
    let sides = (smallest: Int((6 * shape).rounded()), largest: Int((64 * shape).rounded()))
    var best = GalleryLayout(gallery, side: sides.smallest, isBeside: true)
    best.fit(gallery.numbers.count, width, height)
    for side in stride(from: sides.largest, through: sides.smallest, by: -1) {
      // Each patch gets as many cells as any other.
      guard side % gallery.grid == 0 || side < 2 * gallery.grid else { continue }
      for isBeside in [true, false] {
        var layout = GalleryLayout(gallery, side: side, isBeside: isBeside)
        layout.fit(gallery.numbers.count, width, height)
        if layout.shown == gallery.numbers.count {
          self = layout
          return
        }
        if layout.shown > best.shown { best = layout }
      }
    }
    self = best
  }

  /// - Parameter side: the width of an image's first picture in cells.
  private init(_ gallery: PictureGallery, side: Int, isBeside: Bool) {
    let shapes = gallery.shapes
    let shape = shapes.first?.shape ?? 1
    let rows = max(1, Int((Double(side) / shape / 2).rounded()))
    self.isBeside = isBeside
    kinds = shapes.map(\.kind)
    sizes = shapes.map { Size(Int((Double(side) * $0.shape / shape).rounded()), rows) }
  }

  /// Finds out how many of the images have room.
  private mutating func fit(_ count: Int, _ width: Int, _ height: Int) {
    columns = max(0, (width + 2) / (whole.width + 2))
    shown = min(count, columns * max(0, (height + 1) / (whole.height + 1)))
  }

  /// The size of all pictures of an image.
  private var whole: Size {
    let (widths, heights) = (sizes.map(\.width), sizes.map(\.height))
    return isBeside
      ? Size(widths.reduce(0, +) + max(sizes.count - 1, 0), heights.max() ?? 0)
      : Size(widths.max() ?? 0, heights.reduce(0, +))
  }

  /// Returns where the pictures of an image stand.
  func areas(_ position: Int) -> [(kind: ProbePicture.Kind, area: Rect)] {
    var x = position % columns * (whole.width + 2)
    var y = position / columns * (whole.height + 1)
    return zip(kinds, sizes).map { kind, size in
      defer { if isBeside { x += size.width + 1 } else { y += size.height } }
      return (kind, Rect(x: x, y: y, width: size.width, height: size.height))
    }
  }
}

extension Canvas {
  /// Draws a picture, resized to a rectangle of cells: each pixel on the screen has the mean of those that it
  /// covers.
  mutating func pixels(_ picture: ProbePicture, _ place: Rect) {
    keep(picture.pixels, width: picture.width, height: picture.height, at: place)
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
