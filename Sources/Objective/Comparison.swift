import Kernels
import Tensor

/// How a student's outputs are compared with their targets.
package enum Comparison: Sendable {
  /// The cross-entropy of distributions over prototypes.
  case crossEntropy
  /// Less the cosine of unit vectors, in the coding-rate objective.
  case alignment
  /// The distance of features.
  case features(FeatureMatching)

  /// The student's temperature.
  private static let temperature: Float = 0.1

  /// Writes the loss of each row, and replaces the logits by the gradient of Σ weights · losses.
  func callAsFunction(
    _ kernels: any Kernels, _ logits: Matrix, targets: Matrix, weights: Buffer, losses: Buffer
  ) {
    switch self {
    case .crossEntropy:
      kernels.crossEntropy(
        logits, targets: targets, weights: weights, temperature: Self.temperature, losses: losses)
    case .alignment:
      kernels.alignment(logits, targets: targets, weights: weights, losses: losses)
    case .features(let settings):
      kernels.featureDistance(
        logits, targets: targets, weights: weights, cosine: Float(settings.cosineWeight),
        smoothL1: Float(settings.smoothL1Weight), losses: losses)
    }
  }

  /// The settings of features that are compared.
  var features: FeatureMatching? {
    if case .features(let settings) = self { settings } else { nil }
  }
}
