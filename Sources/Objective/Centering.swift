import Kernels
import Tensor

/// How the teacher's logits become targets without a collapse to one prototype or to a uniform
/// distribution.
package enum CenteringMethod: Sendable, Equatable {
  /// Three iterations of Sinkhorn-Knopp (SwAV; section 4 of the paper).
  case sinkhornKnopp
  /// DINO's: the softmax of the logits less an exponential moving average of their mean.
  case centering
  /// None: the teacher's unit vectors are the targets (the coding-rate objective).
  case none
}

/// The centering of one kind of targets, those of CLS tokens or those of patches.
package struct Centering: Sendable {
  package let method: CenteringMethod
  /// The moving mean of the logits, which is a part of checkpoints; nil with Sinkhorn-Knopp.
  package let center: Buffer?
  private let next: Buffer?

  /// Iterations of Sinkhorn-Knopp and momentum of the center, as in the official code.
  private static let iterations = 3
  private static let momentum: Float = 0.9

  /// Plans the moving centre, if the method has one.
  package init(_ plan: ArenaPlan, method: CenteringMethod, prototypes: Int) {
    self.method = method
    center = method == .centering ? plan.buffer(prototypes) : nil
    next = method == .centering ? plan.buffer(prototypes) : nil
  }

  /// Turns the teacher's logits [samples, K] into targets, in place.
  ///
  /// Sinkhorn-Knopp works on each micro-batch by itself. The center is the one before the step, since
  /// the official code applies its update one step late; it moves in `finish`, towards the mean of the
  /// micro-batches' means. Both take the samples of all ranks into account.
  ///
  /// - Parameter logits: a matrix for each rank of this process, which is empty if the rank has no samples.
  package func targets(
    _ kernels: any Kernels, _ logits: [Matrix], temperature: Float,
    microBatch: MicroBatch = .only
  ) {
    guard let center, let next else {
      guard method == .sinkhornKnopp else { return }
      kernels.sinkhornKnopp(logits, temperature: temperature, iterations: Self.iterations)
      return
    }
    if microBatch.isFirst { kernels.copy(center, to: next) }
    kernels.updateCenter(next, rows: logits, momentum: Self.momentum(microBatch))
    for rows in logits {
      kernels.centeredSoftmax(rows, center: center, temperature: temperature)
    }
  }

  /// Moves the center by the step's micro-batches; not to be called after a step without an update.
  package func finish(_ kernels: any Kernels) {
    if let center, let next { kernels.copy(next, to: center) }
  }

  /// The momentum of a micro-batch: moving averages with these momenta, one after the other, give every
  /// micro-batch the same weight (1 − momentum) / count in the end.
  private static func momentum(_ microBatch: MicroBatch) -> Float {
    guard microBatch.isPart else { return momentum }
    let share = (1 - momentum) / Float(microBatch.count)
    let later = Float(microBatch.count - 1 - microBatch.number)
    return 1 - share / (1 - share * later)
  }
}
