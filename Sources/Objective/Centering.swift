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

  package init(_ plan: ArenaPlan, method: CenteringMethod, prototypes: Int) {
    self.method = method
    center = method == .centering ? plan.buffer(prototypes) : nil
    next = method == .centering ? plan.buffer(prototypes) : nil
  }

  /// Turns the teacher's logits [samples, K] into targets, in place. The center that counts is the
  /// one before this batch (the official code applies its update one step late).
  package func targets(_ kernels: any Kernels, _ logits: Matrix, temperature: Float) {
    guard logits.rows > 0 else { return }
    guard let center, let next else {
      kernels.sinkhornKnopp(logits, temperature: temperature, iterations: Self.iterations)
      return
    }
    kernels.copy(center, to: next)
    kernels.updateCenter(next, rows: logits, momentum: Self.momentum)
    kernels.centeredSoftmax(logits, center: center, temperature: temperature)
    kernels.copy(next, to: center)
  }
}
