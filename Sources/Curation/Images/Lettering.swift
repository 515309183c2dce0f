import Images

#if canImport(Glibc)
  import Glibc
#endif

/// How much of a picture looks like text alone: strokes of one ink on a plain ground, in many pieces that are
/// small beside the picture.
///
/// The ground is the most frequent colour. Between it and the ink, blurred strokes have colours on a line.
/// Large pieces and solid areas are drawings or objects.
struct Lettering {
  private let width: Int
  private let height: Int
  /// The share of pixels that have the colour of the ground.
  private let ground: Double
  /// The share of the other pixels whose colours lie between the ground's and the ink's.
  private var inked = 0.0
  /// Where the ink is, of 1 to 0 from the ink to the ground.
  private var ink: [Float] = []

  /// The share above which a picture is taken for text alone, unless a plan says another.
  static let usualShare = 0.85

  /// How far two colours that count as the same may be apart, of 255 for a channel.
  private static let tolerance: Float = 32
  /// The least of ink that a pixel of a stroke has.
  private static let leastInk: Float = 0.3
  /// The least share of the picture that is ground.
  private static let leastGround = 0.6
  /// The fewest pieces that are a text.
  private static let fewestPieces = 6
  /// The largest height of a piece, as a share of the picture's shorter side.
  private static let largestPiece = 0.25
  /// Half the side of the square that fits into no stroke, in pixels of a picture whose shorter side is 128.
  private static let halfStroke = 3

  /// Looks at a picture whose shorter side is that of `ImageMeasures`.
  init(_ picture: RGBImage) {
    (width, height) = (picture.width, picture.height)
    let colours = (0..<width * height).map { pixel in
      let (pixels, red) = (picture.pixels, 3 * pixel)
      return SIMD3<Float>(SIMD3<UInt8>(pixels[red], pixels[red + 1], pixels[red + 2]))
    }
    let paper = Self.mostFrequent(colours)
    let distances = colours.map { Self.length($0 - paper) }
    let others = colours.indices.filter { distances[$0] >= Self.tolerance }
    ground = 1 - Double(others.count) / Double(colours.count)
    guard ground >= Self.leastGround, others.count >= Self.fewestPieces else { return }
    let sorted = others.map { distances[$0] }.sorted()
    let far = sorted[sorted.count * 98 / 100]
    let darkest = others.filter { distances[$0] >= far }
    let line = darkest.reduce(SIMD3<Float>()) { $0 + colours[$1] } / Float(darkest.count) - paper
    let length = Self.length(line)
    ink = colours.map { (($0 - paper) * line).sum() / (length * length) }
    let between = others.count {
      Self.length(colours[$0] - paper - ink[$0] * line) < Self.tolerance
    }
    inked = Double(between) / Double(others.count)
  }

  /// The share of what is not ground that is lettering; 0 if the picture cannot be a text.
  var share: Double {
    guard !ink.isEmpty else { return 0 }
    let mask = ink.map { $0 > Self.leastInk }
    let pieces = pieces(of: mask)
    let highest = Int(Double(min(width, height)) * Self.largestPiece)
    let small = pieces.filter { $0.rows.count <= highest }
    guard small.count >= Self.fewestPieces else { return 0 }
    let pixels = pieces.reduce(0) { $0 + $1.pixels }
    let inSmall = Double(small.reduce(0) { $0 + $1.pixels }) / Double(pixels)
    return inked * inSmall * max(0, 1 - solid(mask) / Double(pixels))
  }

  private static func length(_ colour: SIMD3<Float>) -> Float {
    (colour * colour).sum().squareRoot()
  }

  /// The mean of the colours that agree with the most frequent one in 5 bits of each channel.
  private static func mostFrequent(_ colours: [SIMD3<Float>]) -> SIMD3<Float> {
    let codes = colours.map { (Int($0.x) / 8 * 32 + Int($0.y) / 8) * 32 + Int($0.z) / 8 }
    var counts = [Int32](repeating: 0, count: 1 << 15)
    for code in codes { counts[code] += 1 }
    let most = counts.indices.max { counts[$0] < counts[$1] }!
    let same = codes.indices.filter { codes[$0] == most }
    return same.reduce(SIMD3<Float>()) { $0 + colours[$1] } / Float(same.count)
  }
}

extension Lettering {
  /// Pixels that touch one another, corners included.
  private struct Piece {
    var pixels: Int
    var rows: Range<Int>
  }

  private func pieces(of mask: [Bool]) -> [Piece] {
    var left = mask
    return mask.indices.compactMap { first in
      guard left[first] else { return nil }
      left[first] = false
      var piece = Piece(pixels: 0, rows: first / width..<first / width + 1)
      var waiting = [first]
      while let pixel = waiting.popLast() {
        let (x, y) = (pixel % width, pixel / width)
        piece.pixels += 1
        piece.rows = min(piece.rows.lowerBound, y)..<max(piece.rows.upperBound, y + 1)
        for row in max(0, y - 1)...min(height - 1, y + 1) {
          for column in max(0, x - 1)...min(width - 1, x + 1) where left[row * width + column] {
            left[row * width + column] = false
            waiting.append(row * width + column)
          }
        }
      }
      return piece
    }
  }

  /// About how many pixels belong to areas that are wider than a stroke.
  private func solid(_ mask: [Bool]) -> Double {
    let (half, across) = (Self.halfStroke, width + 1)
    // Sums of the mask above and left of each pixel.
    var sums = [Int32](repeating: 0, count: across * (height + 1))
    for y in 0..<height {
      for x in 0..<width {
        sums[(y + 1) * across + x + 1] =
          (mask[y * width + x] ? 1 : 0) + sums[y * across + x + 1] + sums[(y + 1) * across + x]
          - sums[y * across + x]
      }
    }
    let side = 2 * half + 1
    var whole = 0
    for y in 0..<max(0, height - side + 1) {
      for x in 0..<max(0, width - side + 1) {
        let (top, bottom) = (y * across + x, (y + side) * across + x)
        let count = sums[bottom + side] - sums[bottom] - sums[top + side] + sums[top]
        if count == Int32(side * side) { whole += 1 }
      }
    }
    return Double(whole * side * side)
  }
}
