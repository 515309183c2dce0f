import Kernels
import Tensor

/// The settings of the coding-rate objective.
package struct CodingRate: Sendable, Equatable {
  /// ε, the distortion up to which features are coded; the squared one of the rate's definition.
  package var epsilon: Double
  /// The weight of the expansion beside the alignment.
  package var weight: Double

  package init(epsilon: Double = 0.05, weight: Double = 1) {
    self.epsilon = epsilon
    self.weight = weight
  }
}

/// The image-level loss of the coding-rate objective (SimDINO, Wu et al. 2025, arXiv 2502.10385): the cosine of
/// a student's crop with the teacher's other global crops, and the coding rate of both networks' features, which
/// keeps them from collapsing. There are no prototypes, no centering and no temperatures.
///
/// With unit vectors s of the student and t of the teacher, n images and width p:
///
///     L = −mean over pairs t · s − weight · γ · mean over the global crops ½ ln det(I + p / (n ε) FᵀF),
///     F = (s + t) / 2, γ = (p + n) / (p n).
package struct CodingRateLoss: Sendable {
  private let counts: CropCounts
  private let settings: CodingRate
  private let pairs: DinoLoss
  private let expansion: Matrix

  /// Plans the buffers for the crops of a micro-batch.
  package init(_ plan: ArenaPlan, counts: CropCounts, width: Int, _ settings: CodingRate) {
    self.counts = counts
    self.settings = settings
    pairs = DinoLoss(plan, counts: counts, prototypes: width, comparison: .alignment)
    expansion = plan.matrix(counts.global, width)
  }

  /// Adds the losses of local and of global crops and the expansion to their sums.
  ///
  /// - Parameters:
  ///   - logits: the student's unit vectors [global + local crops, p]; replaced by the gradient of `weight` × the
  ///     loss.
  ///   - targets: the teacher's [2·images, p], swapped already: row r is the target of global crop r.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, weight: Float, sums: LossSums
  ) {
    expand(kernels, logits.first(counts.global), targets, weight: weight, sums)
    pairs(kernels, logits: logits, targets: targets, weight: weight, sums: sums)
    kernels.add(expansion.buffer, scale: 1, to: logits.first(counts.global).buffer)
  }

  /// Leaves the gradient of the expansion in `expansion`.
  private func expand(
    _ kernels: any Kernels, _ logits: Matrix, _ targets: Matrix, weight: Float, _ sums: LossSums
  ) {
    let (images, width) = (Double(counts.images), Double(logits.columns))
    let gamma = settings.weight * (width + images) / (width * images)
    kernels.fill(expansion.buffer, with: 0)
    for crop in 0..<2 {
      let student = crop * counts.images..<(crop + 1) * counts.images
      // Swapped: the teacher's own view of the crop is the target of the other.
      let teacher = (1 - crop) * counts.images..<(2 - crop) * counts.images
      kernels.codingRate(
        logits.rows(student), with: targets.rows(teacher),
        scale: width / (images * settings.epsilon), weight: 0.5 * gamma,
        gradientWeight: Double(weight), dx: expansion.rows(student), to: sums.codingRate)
    }
  }
}
