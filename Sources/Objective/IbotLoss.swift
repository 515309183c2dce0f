import Kernels
import Tensor

/// The patch-level objective: the cross-entropy of the student's masked patches with the teacher's
/// targets of the same patches (section 4 of the paper). In the coding-rate objective it is less their cosine,
/// since both are unit vectors.
package struct IbotLoss {
  private let comparison: Comparison
  private let weights: Buffer
  private let scaled: Buffer
  private let rows: Buffer

  /// Plans the memory for up to `maximum` masked patches.
  package init(_ plan: ArenaPlan, maximum: Int, comparison: Comparison = .crossEntropy) {
    self.comparison = comparison
    weights = plan.buffer(maximum)
    scaled = plan.buffer(maximum)
    rows = plan.buffer(maximum)
  }

  /// Adds the weighted losses to their sum.
  ///
  /// - Parameters:
  ///   - logits: [masked patches, K]; replaced by the gradient of `weight` × the loss.
  ///   - shares: the weight of each masked patch, see `MaskedPatches`.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, shares: ArraySlice<Float>,
    weight: Float, sums: LossSums
  ) {
    let count = logits.rows
    precondition(shares.count == count && targets.rows == count)
    guard count > 0 else { return }
    kernels.upload(shares, to: weights[0..<count])
    kernels.fill(scaled[0..<count], with: 0)
    kernels.add(weights[0..<count], scale: weight, to: scaled[0..<count])
    comparison(
      kernels, logits, targets: targets, weights: scaled[0..<count], losses: rows[0..<count])
    kernels.addSum(rows[0..<count], weights: weights[0..<count], to: sums.ibot)
  }
}

/// The patches of a batch's global crops that iBOT compares: the masked ones, or all in a distillation.
package struct MaskedPatches: Sendable, Equatable {
  /// The numbers of the patches, counted through all crops.
  package private(set) var patches: [Int] = []
  /// The weight of each patch in the loss: 1 / (masked patches of its crop · crops), where crops
  /// without a mask count, too.
  package private(set) var shares: [Float] = []

  /// An empty list with the capacity for `most` patches.
  package init(most: Int) {
    patches.reserveCapacity(most)
    shares.reserveCapacity(most)
  }

  /// Lists the masked patches of a batch. Allocates nothing within the capacity.
  ///
  /// - Parameter masks: [crops, patchesEach], 1 where a patch is masked; nil to compare all patches.
  package mutating func choose(_ masks: [Int32]?, crops: Int, patchesEach: Int) {
    precondition(masks == nil || masks!.count == crops * patchesEach)
    patches.removeAll(keepingCapacity: true)
    shares.removeAll(keepingCapacity: true)
    for crop in 0..<crops {
      let before = patches.count
      for patch in crop * patchesEach..<(crop + 1) * patchesEach where masks?[patch] != 0 {
        patches.append(patch)
      }
      let masked = patches.count - before
      let share = 1 / (Float(max(masked, 1)) * Float(crops))
      for _ in 0..<masked { shares.append(share) }
    }
  }
}
