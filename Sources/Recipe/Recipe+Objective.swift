extension Recipe {
  /// The group `objective`, Dino's addition: what is minimised.
  package struct Objective: Sendable, Equatable {
    package var kind = ObjectiveKind.dinov2
    /// Of the coding-rate objective: the distortion ε, and the weight of the expansion.
    package var codingRateEps = 0.05
    package var codingRateWeight = 1.0
    /// Of a distillation from features: the weights of the cosine and of the smooth L1 distance.
    package var featuresCosineWeight = 0.9
    package var featuresSmoothL1Weight = 0.1
  }

  /// The settings of a distillation from features. A recipe may have others for all but the first two.
  package static let featureDistillation = [
    "objective.kind=features", "crops.local_crops_number=0", "dino.head_nlayers=1",
    "ibot.separate_head=true", "ibot.head_nlayers=1",
    // KoLeo would pull the student's features away from the teacher's.
    "dino.koleo_loss_weight=0",
  ]

  /// What outputs are compared with.
  package enum ObjectiveKind: String, Sendable, CaseIterable {
    /// Cross-entropies over prototypes (Oquab et al. 2023).
    case dinov2
    /// Cosines and the coding rate, without prototypes (Wu et al. 2025, SimDINO).
    case codingRate = "coding_rate"
    /// The features of a frozen teacher, which needs no heads.
    case features
  }
}
