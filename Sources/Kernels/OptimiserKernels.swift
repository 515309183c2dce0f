import Tensor

/// The hyperparameters that every parameter shares in one AdamW step.
package struct AdamWSettings: Sendable {
  package var beta1: Float
  package var beta2: Float
  package var eps: Float
  /// The step's number from 1, for bias correction.
  package var step: Int
  /// The share of itself that the moving average keeps.
  package var momentum: Float

  package init(beta1: Float, beta2: Float, eps: Float = 1e-8, step: Int, momentum: Float) {
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    self.step = step
  }
}

/// A range of the parameters with one learning rate, weight decay and clipping factor.
package struct ParameterSegment: Sendable {
  package var range: Range<Int>
  package var lr: Float
  package var weightDecay: Float
  /// The factor that clips the gradients of their sub-module.
  package var gradientScale: Float

  package init(range: Range<Int>, lr: Float, weightDecay: Float, gradientScale: Float) {
    self.range = range
    self.lr = lr
    self.weightDecay = weightDecay
    self.gradientScale = gradientScale
  }
}

/// The optimiser's pass over all parameters, and sums over them.
package protocol OptimiserKernels {
  /// AdamW with decoupled weight decay as PyTorch computes it, and in the same pass the moving average
  /// of the result, which is the teacher: average = momentum · average + (1 − momentum) · parameters.
  /// Elements outside all segments do not change.
  func adamW(
    _ parameters: Buffer, gradients: Buffer, expAvg: Buffer, expAvgSq: Buffer, average: Buffer,
    segments: [ParameterSegment], settings: AdamWSettings)

  /// result += Σ x², summed in double precision.
  func addSumOfSquares(_ x: Buffer, to result: Scalar)

  /// result += Σ weights · x, summed in double precision. Without `weights` all are one.
  func addSum(_ x: Buffer, weights: Buffer?, to result: Scalar)
}
