import Kernels
import Tensor

extension CPUKernels {
  package func featureDistance(
    _ x: Matrix, targets: Matrix, weights: Buffer, cosine: Float, smoothL1: Float, losses: Buffer
  ) {
    let width = x.columns
    rowLosses(x, targets: targets, weights: weights, losses: losses) { x, target, weight in
      featureDistanceRow(
        width, x, target: target, weight: weight, cosine: cosine,
        smoothL1: smoothL1 / Float(width))
    }
  }
}

/// Replaces a row x by weight × the gradient of its distance from the target, and returns the unweighted distance.
///
/// The gradient of cos(x, t) is (t / ‖t‖ − cos · x / ‖x‖) / ‖x‖; that of the smooth L1 distance is the difference,
/// held between −1 and 1.
@inline(__always)
private func featureDistanceRow(
  _ width: Int, _ x: Pointer, target: Pointer, weight: Float, cosine: Float, smoothL1: Float
) -> Float {
  let eps: Float = 1e-8
  let length = max(dot(width, x, x).squareRoot(), eps)
  let targetLength = max(dot(width, target, target).squareRoot(), eps)
  let similarity = dot(width, x, target) / (length * targetLength)
  let towards = Vector(repeating: -weight * cosine / (length * targetLength))
  let back = Vector(repeating: weight * cosine * similarity / (length * length))
  let slope = Vector(repeating: weight * smoothL1)
  var distance = Vector.zero
  forEachVector(width) { i, lanes in
    let (own, other) = (load(x + i, lanes), load(target + i, lanes))
    let held = (own - other).clamped(
      lowerBound: Vector(repeating: -1), upperBound: Vector(repeating: 1))
    // d² / 2 up to 1, |d| − 1/2 beyond.
    distance += held * (own - other - held * 0.5)
    store(
      (held * slope).addingProduct(other, towards).addingProduct(own, back), x + i, lanes)
  }
  return cosine * (1 - similarity) + smoothL1 * sumOfLanes(distance)
}
