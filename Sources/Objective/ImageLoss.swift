import Kernels
import Tensor

/// The image-level loss of a run's objective.
package enum ImageLoss: Sendable {
  /// The mean over pairs of outputs and targets.
  case dino(DinoLoss)
  /// Of unit vectors.
  case codingRate(CodingRateLoss)

  /// Plans the loss for the crops of a micro-batch, whose outputs have a width.
  package init(
    _ plan: ArenaPlan, counts: CropCounts, outputs: Int, objective: ObjectiveShape
  ) {
    if case .codingRate(let settings) = objective {
      self = .codingRate(CodingRateLoss(plan, counts: counts, width: outputs, settings))
    } else {
      self = .dino(
        DinoLoss(plan, counts: counts, prototypes: outputs, comparison: objective.comparison))
    }
  }

  /// Adds the losses to their sums, and replaces the student's outputs by the gradient of `weight` × the loss.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, weight: Float, sums: LossSums
  ) {
    switch self {
    case .dino(let loss):
      loss(kernels, logits: logits, targets: targets, weight: weight, sums: sums)
    case .codingRate(let loss):
      loss(kernels, logits: logits, targets: targets, weight: weight, sums: sums)
    }
  }
}
