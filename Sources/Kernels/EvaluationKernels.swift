import Tensor

/// Operations of evaluations on features, between training steps. They wait for their results.
package protocol EvaluationKernels {
  /// For each row of `queries` the `k` rows of `bank` with the largest dot product, best first.
  func nearest(_ queries: Matrix, in bank: Matrix, k: Int) -> (
    rows: [[Int]], similarities: [[Float]]
  )

  /// The eigenvalues of the sum of x xᵀ over the rows, or over the rows less their mean, in double precision,
  /// the largest first. NaN if an element is not finite.
  func spectrum(_ x: Matrix, isCentred: Bool) -> [Double]

  /// The eigenvalues of Σw^−½ Σb Σw^−½, the largest first, in double precision, where groups of `each` rows that
  /// follow each other are classes. Σb is the covariance of their means, with the divisor classes − 1; Σw is that
  /// within them, with the divisor classes · (each − 1), plus `ridge` on its diagonal. NaN if an element is not
  /// finite.
  func discriminantSpectrum(_ x: Matrix, each: Int, ridge: Double) -> [Double]

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
