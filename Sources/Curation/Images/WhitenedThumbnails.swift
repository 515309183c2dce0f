import Kernels
import Tensor

/// Coloured thumbnails as vectors whose components vary equally in the pool, so that what many
/// pictures share, such as a bright sky, says little and details say much.
///
/// A thumbnail is halved, its mean is subtracted, it is divided by its deviation, projected on the
/// principal components of the pool's own thumbnails and divided by their deviations.
package struct WhitenedThumbnails: Sendable {
  /// The length of a vector.
  package let dimension: Int
  private let mean: [Float]
  /// [dimension, 768], divided by the deviations.
  private let directions: [Float]

  private static let side = Thumbnail.side / 2
  private static let values = side * side * 3
  /// Added to the deviation of a thumbnail's values, so that noise does not count in one of one colour.
  private static let quiet: Float = 0.03 * 255

  /// Computes the components of thumbnails, more than `dimension`.
  package init(dimension: Int, of thumbnails: [Thumbnail], kernels: any Kernels) throws {
    precondition(thumbnails.count > dimension)
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(thumbnails.count, Self.values)
    try kernels.reserve(plan)
    kernels.upload(thumbnails.flatMap(Self.standardised), to: rows.buffer)
    let found = kernels.principalComponents(rows, count: dimension)
    self.dimension = dimension
    mean = found.mean
    directions = zip(found.directions, found.variances).flatMap { direction, variance in
      direction.map { $0 / max(variance, 1e-6).squareRoot() }
    }
  }

  /// The vector of a thumbnail, of length 1; zeros if it is of one colour.
  package func vector(_ thumbnail: Thumbnail) -> [Float] {
    let centred = zip(Self.standardised(thumbnail), mean).map { $0 - $1 }
    var vector = (0..<dimension).map { component in
      var sum: Float = 0
      let start = component * Self.values
      for at in 0..<Self.values { sum += centred[at] * directions[start + at] }
      return sum
    }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return vector }
    for at in vector.indices { vector[at] /= length }
    return vector
  }

  private static func standardised(_ thumbnail: Thumbnail) -> [Float] {
    var values = [Float](repeating: 0, count: Self.values)
    for y in 0..<Thumbnail.side {
      for x in 0..<Thumbnail.side {
        for channel in 0..<3 {
          let value = thumbnail.pixels[3 * (y * Thumbnail.side + x) + channel]
          values[3 * (y / 2 * side + x / 2) + channel] += Float(value) / 4
        }
      }
    }
    let mean = values.reduce(0, +) / Float(Self.values)
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let scale = 1 / ((square / Float(Self.values)).squareRoot() + quiet)
    return values.map { ($0 - mean) * scale }
  }
}
