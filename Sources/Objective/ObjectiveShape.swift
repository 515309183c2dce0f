/// What is minimised, with the settings that decide the parts of a step.
package enum ObjectiveShape: Sendable, Equatable {
  /// DINOv2's cross-entropies over prototypes.
  case dinov2
  /// Cosines and the coding rate of unit vectors.
  case codingRate(CodingRate)
  /// A distillation from the features of a frozen teacher.
  case features(FeatureMatching)

  /// Whether heads end with prototypes.
  package var hasPrototypes: Bool { self == .dinov2 }

  /// Whether the target of a global crop is the teacher's output for the image's other one. Features are
  /// compared with those of the same crop.
  package var crossesCrops: Bool { comparison.features == nil }

  /// How outputs are compared with targets.
  package var comparison: Comparison {
    switch self {
    case .dinov2: .crossEntropy
    case .codingRate: .alignment
    case .features(let settings): .features(settings)
    }
  }
}
