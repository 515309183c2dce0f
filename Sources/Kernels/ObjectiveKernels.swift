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
  /// From the gradient by the rows of w = g v / ‖v‖, in dV, to that by v, in its place, and to that
  /// by g, which is added to dG.
  func weightNormBackward(v: Matrix, g: Buffer, dV: Matrix, dG: Buffer)
}

/// From the teacher's logits to its targets; no gradient.
package protocol TargetKernels {
  /// Logits [samples, K] to Sinkhorn-Knopp assignments, in place.
  ///
  /// The samples are those of all ranks: their largest logit is found, and in each iteration the
  /// prototypes' sums are taken, over the ranks. A rank without samples takes part in it.
  func sinkhornKnopp(_ logits: Matrix, temperature: Float, iterations: Int)

  /// Logits to softmax((x − center) / temperature), in place.
  func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float)

  /// center = momentum · center + (1 − momentum) · the mean over the ranks of the means of their rows.
  ///
  /// A rank without rows takes part in it and holds the center back by its share.
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
  /// `weight` × the gradient of their mean added to dx. Scratch: normalised [n, D], dots [n, n],
  /// norms n, dNormalised [n, D].
  func koleo(
    _ x: Matrix, weight: Float, scratch: KoLeoScratch, dx: Matrix, losses: Buffer)
}

/// What `koleo` needs besides its arguments, planned for the largest batch.
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
  /// What a moving average keeps of itself.
  package var momentum: Float

  package init(beta1: Float, beta2: Float, eps: Float = 1e-8, step: Int, momentum: Float) {
    self.momentum = momentum
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    self.step = step
  }
}

/// A stretch of the parameters that shares its rate, decay and clipping.
package struct ParameterSegment: Sendable {
  package var range: Range<Int>
  package var lr: Float
  package var weightDecay: Float
  /// What gradients are multiplied by first: the clipping of their sub-module.
  package var gradientScale: Float

  package init(range: Range<Int>, lr: Float, weightDecay: Float, gradientScale: Float) {
    self.range = range
    self.lr = lr
    self.weightDecay = weightDecay
    self.gradientScale = gradientScale
  }
}

/// Steps of the optimiser over all parameters at once.
package protocol OptimiserKernels {
  /// Decoupled AdamW as PyTorch computes it, and behind it, in the same pass, the moving average that
  /// is the teacher: average = momentum · average + (1 − momentum) · parameters. What is in no segment
  /// is left alone.
  func adamW(
    _ parameters: Buffer, gradients: Buffer, expAvg: Buffer, expAvgSq: Buffer, average: Buffer,
    segments: [ParameterSegment], settings: AdamWSettings)

  /// result += Σ x², summed in double precision.
  func addSumOfSquares(_ x: Buffer, to result: Scalar)

  /// result += Σ weights · x, summed in double precision; weights nil: all one.
  func addSum(_ x: Buffer, weights: Buffer?, to result: Scalar)
}

/// Numbers that show how training fares, each written over what is at its place. They cost a little,
/// so not every step asks.
package protocol StatisticsKernels {
  /// exp(entropy of the normalised squared singular values) of the rows after their mean is taken
  /// away: how many directions the features use. 1 ... min(rows, columns); 0 where all rows are equal.
  func effectiveRank(_ x: Matrix, into result: Scalar)

  /// How many of the K columns are the largest of at least one row.
  func distinctArgmax(_ x: Matrix, into result: Scalar)

  /// The mean over rows of the entropy of probabilities, in nats; 0 without rows.
  func meanEntropy(_ probabilities: Matrix, into result: Scalar)

  /// The share of rows whose largest element is in the same column of both matrices; the first of
  /// equals counts.
  func argmaxAgreement(_ a: Matrix, _ b: Matrix, into result: Scalar)

  /// The mean over rows of the cosine between a row of a and that of b, after the mean row of each
  /// matrix is taken away.
  func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar)
}

/// What evaluations ask of features, between training steps; the results come back to the host at
/// once.
package protocol EvaluationKernels {
  /// For each row of `queries` the `k` rows of `bank` with the largest dot product, best first.
  func nearest(_ queries: Matrix, in bank: Matrix, k: Int) -> (
    rows: [[Int]], similarities: [[Float]]
  )

  /// The `count` directions along which the rows vary most, at most as many as there are columns.
  func principalComponents(_ x: Matrix, count: Int) -> PrincipalComponents
}

/// The axes of a cloud of points, the longest first.
package struct PrincipalComponents: Sendable, Equatable {
  /// The points' mean.
  package let mean: [Float]
  /// Unit vectors; which of its two signs one has is chance.
  package let directions: [[Float]]
  /// Variance along each, and along all that there are, over n − 1.
  package let variances: [Float]
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
