import Tensor

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

  /// The share of the rows 0, every, 2 · every, … of which another row of x has a cosine above `cosine`; 0
  /// with fewer than two rows.
  func twinShare(_ x: Matrix, every: Int, cosine: Float, into result: Scalar)

  /// One less the squared length of the mean of the rows at unit length: 0 if all rows point the same way, 1
  /// if their directions cancel out. Rows of zeros count as they are; 0 without rows.
  func directionSpread(_ x: Matrix, into result: Scalar)

  /// The mean over the rows of the cosine between a row of a and the same row of b, each less the mean
  /// row of its matrix.
  func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar)
}
