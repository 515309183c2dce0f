extension Recipe {
  /// The group `objective`, Dino's addition: what is minimised.
  package struct Objective: Sendable, Equatable {
    package var kind = ObjectiveKind.dinov2
    /// Of the coding-rate objective: the distortion ε, and the weight of the expansion.
    package var codingRateEps = 0.05
    package var codingRateWeight = 1.0
  }

  /// The objective of self-supervision.
  package enum ObjectiveKind: String, Sendable, CaseIterable {
    /// Cross-entropies over prototypes (Oquab et al. 2023).
    case dinov2
    /// Cosines and the coding rate, without prototypes (Wu et al. 2025, SimDINO).
    case codingRate = "coding_rate"
  }
}
