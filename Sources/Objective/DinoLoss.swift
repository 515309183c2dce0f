import Kernels
import Tensor

/// The image-level objective: the student's CLS tokens of all crops against the teacher's targets
/// of the global crops, each crop against the other's (paper, section 4).
package struct DinoLoss {
  private let counts: CropCounts
  private let both: Matrix
  private let weights: Buffer
  private let rows: Buffer

  /// Student temperature, as everywhere in the method.
  package static let studentTemperature: Float = 0.1

  /// Plans the buffers for the crops of a micro-batch.
  package init(_ plan: ArenaPlan, counts: CropCounts, prototypes: Int) {
    self.counts = counts
    both = plan.matrix(counts.images, prototypes)
    weights = plan.buffer(max(counts.global, counts.local))
    rows = plan.buffer(max(counts.global, counts.local))
  }

  /// Adds the losses of local and of global crops to their sums; `logits` [global + local crops, K]
  /// become the gradient of their mean over all pairs, `weight` included.
  ///
  /// `targets` [2·images, K] are swapped already: row r is what global crop r is to learn.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, weight: Float, sums: LossSums
  ) {
    let images = counts.images
    kernels.fill(weights, with: weight * Float(counts.shareOfPair))
    func addLoss(_ logits: Matrix, _ targets: Matrix, to sum: Scalar) {
      guard logits.rows > 0 else { return }
      let losses = rows[0..<logits.rows]
      kernels.crossEntropy(
        logits, targets: targets, weights: weights[0..<logits.rows],
        temperature: Self.studentTemperature, losses: losses)
      kernels.addSum(losses, weights: nil, to: sum)
    }
    // A local crop learns from both targets of its image, which is to learn from their sum.
    kernels.copy(targets.first(images).buffer, to: both.buffer)
    kernels.add(targets.rows(images..<2 * images).buffer, scale: 1, to: both.buffer)
    addLoss(logits.rows(counts.global..<counts.cls), both, to: sums.dinoLocal)
    addLoss(logits.first(counts.global), targets, to: sums.dinoGlobal)
  }
}
