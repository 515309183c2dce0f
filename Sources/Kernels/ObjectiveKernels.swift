import Tensor

/// The end of a projection head: L2 normalisation and weight-normed prototypes.
package protocol HeadKernels {
  /// y = x / max(‖x‖, eps) row by row; norms: one a row.
  func l2Normalise(_ x: Matrix, eps: Float, norms: Buffer, into y: Matrix)
  /// dx may be dy.
  func l2NormaliseBackward(_ dy: Matrix, y: Matrix, norms: Buffer, eps: Float, dx: Matrix)

  /// norms = ‖v‖ row by row, K values for the two below.
  func prototypeNorms(_ v: Matrix, into norms: Buffer)
  /// logits = x · (g v / ‖v‖)ᵀ: one prototype a row of v [K, bottleneck], its length in g [K].
  func prototypes(_ x: Matrix, v: Matrix, g: Buffer, norms: Buffer, into logits: Matrix)
  /// Gradient of `prototypes` by x, and that by w = g v / ‖v‖, which is added to dV; once all are
  /// added, `weightNormBackward` makes of it those by v and g.
  func prototypesBackward(
    _ dLogits: Matrix, x: Matrix, v: Matrix, g: Buffer, norms: Buffer, dx: Matrix, dV: Matrix)
  /// Turns the gradient by w = g v / ‖v‖, given in dV, into that by v, left in dV, and that by g, which
  /// is added to dG.
  func weightNormBackward(v: Matrix, g: Buffer, dV: Matrix, dG: Buffer)
}

/// From the teacher's logits to its targets. They have no gradient.
package protocol TargetKernels {
  /// Replaces logits [samples, K] by their Sinkhorn-Knopp assignments to prototypes.
  ///
  /// The samples are those of all ranks. The largest logit and, in each iteration, the K sums of the
  /// prototypes are reduced over the ranks; their number is not needed, since the last division by a
  /// row's sum cancels all common factors. A rank without samples calls this as well.
  func sinkhornKnopp(_ logits: Matrix, temperature: Float, iterations: Int)

  /// Replaces logits x by softmax((x − center) / temperature).
  func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float)

  /// center = momentum · center + (1 − momentum) · the mean over the ranks of the mean of their rows.
  ///
  /// A rank without rows calls this as well; its mean counts as the center itself.
  func updateCenter(_ center: Buffer, rows: Matrix, momentum: Float)
}

/// Losses with their gradients.
package protocol LossKernels {
  /// Cross-entropy of softmax(logits / temperature) against targets, and its gradient in place.
  ///
  /// Row r of `logits` belongs to row r mod `targets.rows` of `targets`, whose rows need not sum to
  /// one. losses[r] = −Σ target · log-softmax, unweighted; the gradient left in `logits` is that of
  /// Σ weights[r] · losses[r].
  func crossEntropy(
    _ logits: Matrix, targets: Matrix, weights: Buffer, temperature: Float, losses: Buffer)

  /// KoLeo: losses[i] = −log(distance of x̂[i] to its nearest neighbour + 1e-8), x̂ = x / ‖x‖, and
  /// `weight` × the gradient of their mean is added to dx.
  func koleo(
    _ x: Matrix, weight: Float, scratch: KoLeoScratch, dx: Matrix, losses: Buffer)
}

/// The intermediate results of `koleo`, planned for the largest batch.
package struct KoLeoScratch: Sendable {
  package let normalised: Matrix
  package let dots: Matrix
  package let norms: Buffer
  package let dNormalised: Matrix

  /// Plans the buffers for at most `samples` rows of `width` features.
  package init(_ plan: ArenaPlan, samples: Int, width: Int) {
    normalised = plan.matrix(samples, width)
    dots = plan.matrix(samples, samples)
    norms = plan.buffer(samples)
    dNormalised = plan.matrix(samples, width)
  }
}

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

/// Statistics that show whether training is healthy. Each is written over what `result` held. They cost
/// a little, so that not every step computes them.
package protocol StatisticsKernels {
  /// The number of directions that the rows use: exp(entropy of the normalised squared singular values)
  /// of the rows less their mean. From 1 to min(rows, columns); 0 if all rows are equal.
  func effectiveRank(_ x: Matrix, into result: Scalar)

  /// The number of columns that hold the largest element of at least one row.
  func distinctArgmax(_ x: Matrix, into result: Scalar)

  /// The mean over the rows of their entropy in nats; 0 without rows.
  func meanEntropy(_ probabilities: Matrix, into result: Scalar)

  /// The share of rows whose largest element is in the same column in both matrices. Of equal elements
  /// the first counts.
  func argmaxAgreement(_ a: Matrix, _ b: Matrix, into result: Scalar)

  /// The mean over the rows of the cosine between a row of a and the same row of b, each less the mean
  /// row of its matrix.
  func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar)
}

/// Operations of evaluations on features, between training steps. They wait for their results.
package protocol EvaluationKernels {
  /// For each row of `queries` the `k` rows of `bank` with the largest dot product, best first.
  func nearest(_ queries: Matrix, in bank: Matrix, k: Int) -> (
    rows: [[Int]], similarities: [[Float]]
  )

  /// The `count` directions along which the rows vary most, at most as many as there are columns.
  func principalComponents(_ x: Matrix, count: Int) -> PrincipalComponents
}

/// The principal axes of a set of points, the longest first.
package struct PrincipalComponents: Sendable, Equatable {
  /// The mean of the points.
  package let mean: [Float]
  /// Unit vectors, each with an arbitrary sign.
  package let directions: [[Float]]
  /// The variance along each axis, with the divisor n − 1.
  package let variances: [Float]
  /// The sum of the variances along all axes, also those that were not asked for.
  package let totalVariance: Float

  package init(
    mean: [Float], directions: [[Float]], variances: [Float], totalVariance: Float
  ) {
    self.mean = mean
    self.directions = directions
    self.variances = variances
    self.totalVariance = totalVariance
  }
}
