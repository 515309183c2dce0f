import Kernels
import Tensor

/// The image-level objective: the cross-entropy of the student's CLS tokens of all crops with the
/// teacher's targets of the other global crops (section 4 of the paper).
package struct DinoLoss {
  private let comparison: Comparison
  private let counts: CropCounts
  private let both: Matrix
  private let weights: Buffer
  private let rows: Buffer

  /// Plans the buffers for the crops of a micro-batch.
  ///
  /// - Parameter prototypes: the width of the outputs.
  package init(
    _ plan: ArenaPlan, counts: CropCounts, prototypes: Int, comparison: Comparison = .crossEntropy
  ) {
    self.comparison = comparison
    self.counts = counts
    both = plan.matrix(counts.local > 0 ? counts.images : 0, prototypes)
    weights = plan.buffer(max(counts.global, counts.local))
    rows = plan.buffer(max(counts.global, counts.local))
  }

  /// Adds the losses of local and of global crops to their sums.
  ///
  /// - Parameters:
  ///   - logits: [global + local crops, K]; replaced by the gradient of `weight` × the loss.
  ///   - targets: [2·images, K], in the order of the student's crops: row r is the target of global crop r.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, weight: Float, sums: LossSums
  ) {
    let images = counts.images
    kernels.fill(weights, with: weight * Float(counts.pairWeight))
    func addLoss(_ logits: Matrix, _ targets: Matrix, to sum: Scalar) {
      let losses = rows[0..<logits.rows]
      comparison(
        kernels, logits, targets: targets, weights: weights[0..<logits.rows], losses: losses)
      kernels.addSum(losses, weights: nil, to: sum)
    }
    if counts.local > 0 {
      // A local crop has both targets of its image, which is as good as their sum.
      kernels.copy(targets.first(images).buffer, to: both.buffer)
      kernels.add(targets.rows(images..<2 * images).buffer, scale: 1, to: both.buffer)
      addLoss(logits.rows(counts.global..<counts.cls), both, to: sums.dinoLocal)
    }
    addLoss(logits.first(counts.global), targets, to: sums.dinoGlobal)
  }
}
