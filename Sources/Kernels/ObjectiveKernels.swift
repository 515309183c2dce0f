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
  /// The samples are those of all ranks; `logits` has a matrix for each rank of this process. The largest
  /// logit and, in each iteration, the K sums of the prototypes are reduced over the ranks, in the order of
  /// `SumTree`; the number of samples is not needed, since the last division by a row's sum cancels all
  /// common factors. A rank without samples has an empty matrix.
  func sinkhornKnopp(_ logits: [Matrix], temperature: Float, iterations: Int)

  /// Replaces logits x by softmax((x − center) / temperature).
  func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float)

  /// center = momentum · center + (1 − momentum) · the mean over the ranks of the mean of their rows, or of
  /// the squares of their rows with a `power` of 2.
  ///
  /// `rows` has a matrix for each rank of this process. A rank without rows has an empty matrix; its mean
  /// counts as the center itself.
  func updateCenter(_ center: Buffer, rows: [Matrix], power: Int, momentum: Float)

  /// Replaces features x by (x − mean) / (√variance + eps), where `mean` and `square` are the means of each channel
  /// and of its squares, and the variance is square − mean², at least a millionth of mean².
  func standardise(_ x: Matrix, mean: Buffer, square: Buffer, eps: Float)
}

extension TargetKernels {
  /// Moves the center by the rows themselves.
  package func updateCenter(_ center: Buffer, rows: [Matrix], momentum: Float) {
    updateCenter(center, rows: rows, power: 1, momentum: momentum)
  }
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

  /// losses[r] = −x_r · t, with row r mod `targets.rows` of `targets`; the gradient left in `x` is that of
  /// Σ weights[r] · losses[r].
  func alignment(_ x: Matrix, targets: Matrix, weights: Buffer, losses: Buffer)

  /// losses[r] = cosine · (1 − cos(x_r, t)) + smoothL1 · the mean over the channels of the smooth L1 distance of
  /// x_r and t with beta 1, with row r mod `targets.rows` of `targets`; the gradient left in `x` is that of
  /// Σ weights[r] · losses[r]. The cosine is as `F.cosine_similarity` with eps 1e-8 has it.
  func featureDistance(
    _ x: Matrix, targets: Matrix, weights: Buffer, cosine: Float, smoothL1: Float, losses: Buffer)

  /// The coding rate R = ½ ln det(I + scale · FᵀF) of F = (x + other) / 2, in double precision: result −= weight · R,
  /// and the gradient of −gradientWeight · weight · R by x is added to dx.
  func codingRate(
    _ x: Matrix, with other: Matrix, scale: Double, weight: Double, gradientWeight: Double,
    dx: Matrix, to result: Scalar)

  /// KoLeo: losses[i] = −log(distance of x̂[i] to its nearest neighbour + 1e-8), x̂ = x / ‖x‖, and
  /// `weight` × the gradient of their mean is added to dx.
  func koleo(
    _ x: Matrix, weight: Float, workspace: KoLeoWorkspace, dx: Matrix, losses: Buffer)
}

/// The intermediate results of `koleo`, planned for the largest batch.
package struct KoLeoWorkspace: Sendable {
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
