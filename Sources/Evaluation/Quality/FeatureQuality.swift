import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// How many directions the features of images use, and how evenly: scores of quality that need no labels.
///
/// They compare checkpoints of one run, or runs that differ little, on the same images. They do not compare
/// networks of different width, and noise has high scores, too.
package struct FeatureQuality: Sendable, Equatable, Encodable {
  /// The images and the width of their features.
  package let images: Int
  package let width: Int
  /// exp(entropy of the singular values), from 1 to the smaller of images and width. Garrido et al. 2023
  /// (arXiv 2210.02885), with their ε of 10⁻⁷.
  package let rankMe: Double
  /// The slope α of the eigenvalues' decay k^−α. Agrawal et al. 2022, α-ReQ: near 1 is good, far above few
  /// directions are used, far below all are, also by noise. `nil` for fewer than 20 directions.
  package let alpha: Double?
  /// The sum of the eigenvalues over the largest. He and Ozay 2022, NESum.
  package let nesum: Double
  /// The sum of the squared singular values over the largest.
  package let stableRank: Double
  /// The rate at which normalised features can be coded with an error of ε² = 0.05, as a share of the rate of
  /// features that fill all directions evenly. Yu et al. 2020.
  package let codingRate: Double

  private static let epsilon = 1e-7
  private static let codingError = 0.05
  /// The eigenvalues from which the slope is estimated, from 1.
  private static let slope = 11...100

  /// Computes the scores of features [images, width]. Throws `EvaluationError` if there are fewer than two
  /// images, or if features are not finite or all zero, and `MemoryError` if memory cannot be reserved.
  package init(_ features: [Float], width: Int, kernels: any Kernels) throws {
    images = features.count / width
    self.width = width
    guard images > 1 else { throw EvaluationError("features of two images at least are compared") }
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(images, width)
    try kernels.reserve(plan)
    kernels.upload(features, to: rows.buffer)
    let plain = kernels.spectrum(rows, isCentred: false).map { max($0, 0) }
    let centred = kernels.spectrum(rows, isCentred: true).map { max($0, 0) }
    kernels.upload(FeatureRows.normalised(features, width), to: rows.buffer)
    let unit = kernels.spectrum(rows, isCentred: false).map { max($0, 0) }
    guard let largest = plain.first, largest.isFinite, largest > 0 else {
      throw EvaluationError("the features are not finite, or all are zero")
    }
    let count = min(images, width)
    rankMe = Entropy.exponential(
      of: plain.prefix(count).map { $0.squareRoot() }, epsilon: Self.epsilon)
    stableRank = plain.reduce(0, +) / largest
    let sum = centred.reduce(0, +)
    // All features are equal if only rounding is left.
    nesum = sum > 1e-12 * plain.reduce(0, +) ? sum / centred[0] : 0
    alpha = nesum > 0 ? Self.slope(centred.prefix(count - 1).map { $0 / sum }) : nil
    let scale = Double(width) / (Double(images) * Self.codingError)
    let most = Double(count) * log(1 + scale * Double(images) / Double(count))
    codingRate = unit.reduce(0) { $0 + log(1 + scale * $1) } / most
  }

  /// The slope of ln(eigenvalue) on ln(number), by least squares with weights 1 / number.
  private static func slope(_ shares: [Double]) -> Double? {
    let last = shares.lastIndex { $0 > 1e-15 }.map { $0 + 1 } ?? 0
    guard last >= slope.lowerBound + 9 else { return nil }
    var (weights, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for number in slope.lowerBound...min(slope.upperBound, last) {
      let (weight, place) = (1 / Double(number), log(Double(number)))
      let value = log(shares[number - 1])
      weights += weight
      x += weight * place
      y += weight * value
      xx += weight * place * place
      xy += weight * place * value
    }
    return -(weights * xy - x * y) / (weights * xx - x * x)
  }
}
