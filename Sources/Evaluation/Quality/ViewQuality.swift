import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// How well features tell images apart beside how much they change from view to view of one image.
///
/// LiDAR, Thilak et al. 2023 (arXiv 2312.04000): the effective rank of the discriminant matrix
/// Σw^−½ Σb Σw^−½, where each image is a class and its augmented views are the samples. Features are
/// L2-normalised first, since δ would depend on their scale.
package enum ViewQuality {
  /// δ, added to the diagonal of Σw, and the ε of the entropy; both the paper's.
  private static let ridge = 1e-4
  private static let epsilon = 1e-8

  /// Returns LiDAR, from 1 to the smaller of images − 1 and width.
  ///
  /// Throws `EvaluationError` for fewer than two images or views, or features that are not finite, and
  /// `MemoryError` if memory cannot be reserved.
  ///
  /// - Parameters:
  ///   - features: [images · views, width]; the views of an image follow each other.
  ///   - views: the views of each image.
  package static func lidar(
    _ features: [Float], views: Int, width: Int, kernels: any Kernels
  ) throws -> Double {
    let images = features.count / (width * views)
    guard images > 1, views > 1 else {
      throw EvaluationError("two views of two images at least are compared")
    }
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(images * views, width)
    try kernels.reserve(plan)
    kernels.upload(FeatureRows.normalised(features, width), to: rows.buffer)
    let values = kernels.discriminantSpectrum(rows, each: views, ridge: ridge).map { max($0, 0) }
    let sum = values.reduce(0, +)
    guard sum.isFinite else { throw EvaluationError("the features are not finite") }
    // All images have the same features.
    guard sum > 0 else { return 1 }
    return Entropy.exponential(of: values, epsilon: epsilon)
  }
}

/// Rows of features on the host.
enum FeatureRows {
  /// Returns rows of length 1; rows of zeros stay.
  static func normalised(_ features: [Float], _ width: Int) -> [Float] {
    var unit = features
    for first in stride(from: 0, to: features.count, by: width) {
      let length = features[first..<first + width].reduce(0.0) { $0 + Double($1) * Double($1) }
        .squareRoot()
      for place in first..<first + width where length > 0 {
        unit[place] = Float(Double(features[place]) / length)
      }
    }
    return unit
  }
}

/// The entropy of values as shares of their sum.
enum Entropy {
  /// Returns exp(−Σ p ln p), where p is a value's share of the sum, plus ε.
  static func exponential(of values: some Sequence<Double>, epsilon: Double) -> Double {
    let sum = values.reduce(0, +)
    return exp(
      -values.reduce(0) {
        let share = $1 / sum + epsilon
        return share > 0 ? $0 + share * log(share) : $0
      })
  }
}
