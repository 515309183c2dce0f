import Kernels
import Tensor

/// How the teacher's logits become targets that neither collapse to one prototype nor to all alike.
package enum CenteringMethod: Sendable, Equatable {
  /// Sinkhorn-Knopp: three rounds of equal shares for prototypes and samples.
  case sinkhornKnopp
  /// DINO's: softmax of what is left after an exponential moving average of the mean is taken away.
  case centering
}

/// Centering of one kind of target: CLS tokens or patches, each with a state of its own.
package struct Centering: Sendable {
  package let method: CenteringMethod
  /// The moving mean of the logits; nil where the method has none. Part of a checkpoint.
  package let center: Buffer?
  private let next: Buffer?

  /// Rounds of Sinkhorn-Knopp, and momentum of the center, as in the official code.
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
  /// The center that counts is the one before this step (the official code applies its update one
  /// step late). Sinkhorn-Knopp works within each micro-batch; the center moves once a step, towards
  /// the mean of the micro-batches' means. It moves in `finish`. Both look at the samples of all
  /// ranks; a rank without samples calls as well.
  package func targets(
    _ kernels: any Kernels, _ logits: Matrix, temperature: Float,
    microBatch: MicroBatch = .only
  ) {
    guard let center, let next else {
      kernels.sinkhornKnopp(logits, temperature: temperature, iterations: Self.iterations)
      return
    }
    if microBatch.isFirst { kernels.copy(center, to: next) }
    kernels.updateCenter(next, rows: logits, momentum: Self.momentum(microBatch))
    kernels.centeredSoftmax(logits, center: center, temperature: temperature)
  }

  /// Moves the center to where the step's batches want it; not after a step that is to change nothing.
  package func finish(_ kernels: any Kernels) {
    if let center, let next { kernels.copy(next, to: center) }
  }

  /// Moving averages one after the other with these momenta come to one with `momentum` of the mean:
  /// every batch ends with the weight w = (1 − momentum) / count.
  private static func momentum(_ microBatch: MicroBatch) -> Float {
    guard microBatch.isPart else { return momentum }
    let share = (1 - momentum) / Float(microBatch.count)
    let later = Float(microBatch.count - 1 - microBatch.number)
    return 1 - share / (1 - share * later)
  }
}
