/// Returns the moving average of a curve: each value weighs `1 - weight`, those before it the rest.
///
/// The first values are not drawn towards 0: the weights are divided by their sum, as Adam's moments are.
package func smoothed(_ points: [Point], _ weight: Double) -> [Point] {
  var (mean, sum) = (0.0, 0.0)
  return points.map { point in
    guard point.y.isFinite else { return point }
    mean = weight * mean + (1 - weight) * point.y
    sum = weight * sum + (1 - weight)
    return Point(x: point.x, y: mean / sum)
  }
}
