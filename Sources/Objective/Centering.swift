import Kernels
import Tensor

/// How the teacher's outputs become targets: without a collapse to one prototype or to a uniform distribution,
/// or with the same spread in every channel.
package enum CenteringMethod: Sendable, Equatable {
  /// Three iterations of Sinkhorn-Knopp (SwAV; section 4 of the paper).
  case sinkhornKnopp
  /// DINO's: the softmax of the logits less an exponential moving average of their mean.
  case centering
  /// The features of a frozen teacher, less the mean of their channel and divided by its deviation (UNIC).
  case standardisation
  /// None: the teacher's unit vectors are the targets (the coding-rate objective).
  case none
}

/// The centering of one kind of targets, those of CLS tokens or those of patches.
package struct Centering: Sendable {
  package let method: CenteringMethod
  /// The moving mean of the logits or features, which is a part of checkpoints; nil if there is none.
  package let center: Buffer?
  /// The moving mean of the squares of features, which is a part of checkpoints; nil for logits.
  package let square: Buffer?
  private let next: (center: Buffer?, square: Buffer?)

  /// Iterations of Sinkhorn-Knopp and momentum of the center, as in the official code.
  private static let iterations = 3
  private static let momentum: Float = 0.9
  /// The least weight of a step in the statistics of features, which begin as the mean over all steps.
  private static let leastShare: Float = 1e-3
  /// Added to the deviation of a channel, as in UNIC.
  private static let eps: Float = 1e-6

  /// Plans the moving means, if the method has some.
  package init(_ plan: ArenaPlan, method: CenteringMethod, prototypes: Int) {
    self.method = method
    func mean(if isNeeded: Bool) -> Buffer? { isNeeded ? plan.buffer(prototypes) : nil }
    let isStandardised = method == .standardisation
    center = mean(if: method == .centering || isStandardised)
    square = mean(if: isStandardised)
    next = (mean(if: center != nil), mean(if: isStandardised))
  }

  /// Turns the teacher's logits [samples, K], or its features, into targets, in place.
  ///
  /// Sinkhorn-Knopp works on each micro-batch by itself. The center is the one before the step, since
  /// the official code applies its update one step late; it moves in `finish`, towards the mean of the
  /// micro-batches' means. The statistics of features include those of the step. All take the samples of all
  /// ranks into account.
  ///
  /// - Parameters:
  ///   - logits: a matrix for each rank of this process, which is empty if the rank has no samples.
  ///   - updates: how often the means were moved before the step.
  package func targets(
    _ kernels: any Kernels, _ logits: [Matrix], temperature: Float, updates: Int = 0,
    microBatch: MicroBatch = .only
  ) {
    switch method {
    case .none: break
    case .sinkhornKnopp:
      kernels.sinkhornKnopp(logits, temperature: temperature, iterations: Self.iterations)
    case .centering:
      move(kernels, logits, share: 1 - Self.momentum, microBatch)
      for rows in logits {
        kernels.centeredSoftmax(rows, center: center!, temperature: temperature)
      }
    case .standardisation:
      let share = max(1 / Float(updates + 1), Self.leastShare)
      move(kernels, logits, share: share, microBatch)
      for rows in logits {
        kernels.standardise(rows, mean: next.center!, square: next.square!, eps: Self.eps)
      }
    }
  }

  /// Moves the next means by a micro-batch of a step that has a share in them.
  private func move(
    _ kernels: any Kernels, _ rows: [Matrix], share: Float, _ microBatch: MicroBatch
  ) {
    let momentum = Self.momentum(share, microBatch)
    func move(_ next: Buffer?, from mean: Buffer?, power: Int) {
      guard let mean, let next else { return }
      if microBatch.isFirst { kernels.copy(mean, to: next) }
      kernels.updateCenter(next, rows: rows, power: power, momentum: momentum)
    }
    move(next.center, from: center, power: 1)
    move(next.square, from: square, power: 2)
  }

  /// Moves the means by the step's micro-batches; not to be called after a step without an update.
  package func finish(_ kernels: any Kernels) {
    if let center, let next = next.center { kernels.copy(next, to: center) }
    if let square, let next = next.square { kernels.copy(next, to: square) }
  }

  /// The momentum of a micro-batch: moving averages with these momenta, one after the other, give every
  /// micro-batch the same weight, the step's share / count, in the end.
  private static func momentum(_ step: Float, _ microBatch: MicroBatch) -> Float {
    guard microBatch.isPart else { return 1 - step }
    let share = step / Float(microBatch.count)
    let later = Float(microBatch.count - 1 - microBatch.number)
    return 1 - share / (1 - share * later)
  }
}
