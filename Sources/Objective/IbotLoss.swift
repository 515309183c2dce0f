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

  /// The loss; `logits` [masked patches, K] become its gradient, `weight` included.
  ///
  /// `shares`: what each masked patch counts, see `MaskedPatches`.
  package func callAsFunction(
    _ kernels: any Kernels, logits: Matrix, targets: Matrix, shares: ArraySlice<Float>,
    weight: Float
  ) -> Double {
    let count = logits.rows
    precondition(shares.count == count && targets.rows == count)
    guard count > 0 else { return 0 }
    kernels.upload(Array(shares), to: weights[0..<count])
    kernels.upload(shares.map { $0 * weight }, to: scaled[0..<count])
    kernels.crossEntropy(
      logits, targets: targets, weights: scaled[0..<count],
      temperature: DinoLoss.studentTemperature, losses: rows[0..<count])
    return kernels.sum(rows[0..<count], weights: weights[0..<count])
  }
}

/// The patches of a batch's global crops that iBOT compares: the masked ones, or in a distillation all.
package struct MaskedPatches: Sendable, Equatable {
  /// Their numbers, counted through all crops.
  package let patches: [Int]
  /// What each counts in the loss: 1 / (masked patches of its crop), over the number of crops,
  /// those without a mask included.
  package let shares: [Float]

  /// Every patch of whole crops.
  package init(allOf crops: Int, patchesEach: Int) {
    let count = crops * patchesEach
    patches = Array(0..<count)
    shares = Array(repeating: 1 / Float(count), count: count)
  }

  /// - Parameter masks: [crops, patchesEach], ones where a patch is masked.
  package init(masks: [Int32], crops: Int) {
    let each = masks.count / crops
    var patches: [Int] = []
    var shares: [Float] = []
    for crop in 0..<crops {
      let masked = (crop * each..<(crop + 1) * each).filter { masks[$0] != 0 }
      patches += masked
      shares += Array(
        repeating: 1 / (Float(max(masked.count, 1)) * Float(crops)), count: masked.count)
    }
    self.patches = patches
    self.shares = shares
  }
}
