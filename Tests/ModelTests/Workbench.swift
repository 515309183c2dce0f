import Kernels
import KernelsCPU
import Model
import Tensor

/// A backend with a plan of its own, and random numbers for it.
final class Workbench {
  let kernels = CPUKernels(pool: WorkerPool(threads: 2))
  let plan = ArenaPlan(alignment: 16)
  var random = CounterRandom(seed: 11, use: .test)

  func numbers(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in random.normal() * scale }
  }
}

/// How far a function's gradient is from its finite differences along a direction of its own for
/// each stretch of parameters: the worst error, relative to the larger of both slopes.
func gradientError(
  values: [Float], gradient: [Float], stretches: [(name: String, range: Range<Int>)],
  step: Float, random: inout CounterRandom, function: ([Float]) -> Double
) -> (error: Double, name: String) {
  var worst = (error: 0.0, name: "none")
  for (name, range) in stretches {
    var direction = range.map { _ in random.normal() }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    direction = direction.map { $0 / length }
    func moved(_ distance: Float) -> Double {
      var copy = values
      for (i, d) in zip(range, direction) { copy[i] += d * distance }
      return function(copy)
    }
    func slope(_ distance: Float) -> Double {
      (moved(distance) - moved(-distance)) / Double(2 * distance)
    }
    // Two distances cancel the error of second order; smaller ones would drown in rounding.
    let measured = (4 * slope(step) - slope(2 * step)) / 3
    let claimed = zip(range, direction).reduce(0.0) { $0 + Double(gradient[$1.0] * $1.1) }
    let scale = max(abs(measured), abs(claimed), 0.05)
    let error = abs(measured - claimed) / scale
    if error > worst.error { worst = (error, name) }
  }
  return worst
}
