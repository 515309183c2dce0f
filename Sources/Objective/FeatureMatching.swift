/// The settings of a distillation from features alone, for teachers without prototypes.
///
/// Student and teacher see the same crop. The student's head predicts the teacher's features, standardised by
/// channel (UNIC, Sarıyıldız et al. 2024), of the CLS token and of every patch. The loss of a token is
///
///     cosine weight · (1 − cos(s, t)) + smooth L1 weight · mean over the channels of smooth L1(s − t)
package struct FeatureMatching: Sendable, Equatable {
  /// The weight of one less the cosine.
  package var cosineWeight: Double
  /// The weight of the mean smooth L1 distance, whose beta is 1, as is PyTorch's default.
  package var smoothL1Weight: Double

  package init(cosineWeight: Double = 0.9, smoothL1Weight: Double = 0.1) {
    self.cosineWeight = cosineWeight
    self.smoothL1Weight = smoothL1Weight
  }
}
