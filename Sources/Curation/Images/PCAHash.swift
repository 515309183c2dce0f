import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// A hash of pictures that near copies share: the signs of the principal components of their grey
/// thumbnails.
///
/// The components are those of the pool's own thumbnails. Each thumbnail has its mean subtracted and
/// is divided by its deviation first, so that brightness and contrast do not matter.
struct PCAHash: Sendable {
  /// The number of bits.
  let bits: Int
  private let mean: [Float]
  /// [bits, 1024]
  private let directions: [Float]

  private static let pixels = Thumbnail.side * Thumbnail.side

  /// Computes the components of thumbnails, at least two.
  init(bits: Int, of thumbnails: [Thumbnail], kernels: any Kernels) throws {
    self.bits = bits
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(thumbnails.count, Self.pixels)
    try kernels.reserve(plan)
    kernels.upload(thumbnails.flatMap { Self.standardised($0.grey) }, to: rows.buffer)
    let found = kernels.principalComponents(rows, count: bits)
    mean = found.mean
    directions = found.directions.flatMap(\.self)
  }

  /// A picture with mean 0 and deviation 1; zeros if it is of one grey.
  static func standardised(_ grey: [Float]) -> [Float] {
    let count = Float(grey.count)
    let mean = grey.reduce(0, +) / count
    let square = grey.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let scale = square > 1e-3 ? 1 / (square / count).squareRoot() : 0
    return grey.map { ($0 - mean) * scale }
  }

  /// Returns the hash of a standardised picture as a vector of length 1 with equal magnitudes, so
  /// that hashes that differ in d bits have the cosine 1 − 2d / bits.
  func vector(_ picture: [Float]) -> [Float] {
    let size = 1 / Float(bits).squareRoot()
    let centred = zip(picture, mean).map { $0 - $1 }
    return (0..<bits).map { bit in
      var sum: Float = 0
      let start = bit * Self.pixels
      for pixel in 0..<Self.pixels { sum += centred[pixel] * directions[start + pixel] }
      return sum < 0 ? -size : size
    }
  }

  /// Returns the cosine of hashes that differ in so many bits.
  func cosine(distance: Int) -> Double { 1 - 2 * Double(distance) / Double(bits) }
}

/// The forms of a picture in which mirrored and turned copies of it look alike.
enum CanonicalForms {
  /// How much the two sides of a picture may differ and still be taken for equal, as a share of its
  /// deviation.
  private static let tolerance: Float = 0.05

  /// Returns the symmetries that make a standardised picture canonical: its right half is lighter
  /// than the left, its lower half lighter than the upper, and the first difference is the larger.
  /// Where two of these are nearly equal, a copy may be the other way round, so both are returned.
  static func of(_ picture: [Float]) -> [SquareSymmetry] {
    let side = Thumbnail.side
    var (across, down): (Float, Float) = (0, 0)
    let middle = Float(side - 1) / 2
    for y in 0..<side {
      for x in 0..<side {
        let value = picture[y * side + x]
        across += value * (Float(x) - middle)
        down += value * (Float(y) - middle)
      }
    }
    // The deviation of the positions times that of the values, which is 1.
    let scale = 1 / (Float(side * side) * (Float(side * side - 1) / 12).squareRoot())
    (across, down) = (across * scale, down * scale)
    return SquareSymmetry.all.filter { symmetry in
      let (x, y) = symmetry.isTransposed ? (down, across) : (across, down)
      let (right, lower) = (symmetry.isMirrored ? -x : x, symmetry.isFlipped ? -y : y)
      return right >= -tolerance && lower >= -tolerance && right - lower >= -tolerance
    }
  }
}
