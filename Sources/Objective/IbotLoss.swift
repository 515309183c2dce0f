import Kernels
import Tensor

/// The patch-level objective: what the student says of masked patches against what the teacher sees
/// there (paper, section 4).
package struct IbotLoss {
  private let weights: Buffer
  private let scaled: Buffer
  private let rows: Buffer

  /// Room for `maximum` masked patches.
  package init(_ plan: ArenaPlan, maximum: Int) {
    weights = plan.buffer(maximum)
    scaled = plan.buffer(maximum)
    rows = plan.buffer(maximum)
  }

  /// Adds the loss to its sum; `logits` [masked patches, K] become its gradient, `weight` included.
  ///
  /// `shares`: what each masked patch counts, see `MaskedPatches`.
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
    kernels.crossEntropy(
      logits, targets: targets, weights: scaled[0..<count],
      temperature: DinoLoss.studentTemperature, losses: rows[0..<count])
    kernels.addSum(rows[0..<count], weights: weights[0..<count], to: sums.ibot)
  }
}

/// The patches of a batch's global crops that iBOT compares: the masked ones, or in a distillation all.
package struct MaskedPatches: Sendable, Equatable {
  /// Their numbers, counted through all crops.
  package private(set) var patches: [Int] = []
  /// What each counts in the loss: 1 / (masked patches of its crop), over the number of crops,
  /// those without a mask included.
  package private(set) var shares: [Float] = []

  /// None yet, and room for `most`.
  package init(most: Int) {
    patches.reserveCapacity(most)
    shares.reserveCapacity(most)
  }

  /// Chooses anew; allocates nothing where there is room.
  ///
  /// - Parameter masks: [crops, patchesEach], ones where a patch is masked; nil: all are compared.
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
