import Foundation
import Kernels
import Tensor
import Testing

@Suite("Losses")
struct LossTests {
  @Test(
    "cross-entropy and its gradient, targets repeated and not summing to one",
    arguments: [7, 16, 53])
  func crossEntropy(width: Int) {
    let w = Workspace()
    let logits = w.random(6, width)
    let start = w.values(logits)
    let targets = w.buffer(w.values(w.random(2, width)).map { abs($0) }).matrix(2, width)
    let (weights, losses) = (w.random(6), w.buffer(6, filled: .nan))
    func forward() {  // leaves the gradient in the place of the logits
      w.kernels.crossEntropy(
        logits, targets: targets, weights: weights, temperature: 0.5, losses: losses)
    }
    let (x, t) = (start.map(Double.init), w.doubles(targets))
    let expected = (0..<6).map { row -> Double in
      let z = x[row * width..<(row + 1) * width].map { $0 / 0.5 }
      let logarithm = log(z.reduce(0) { $0 + exp($1) })
      return (0..<width).reduce(0.0) { $0 - t[row % 2 * width + $1] * (z[$1] - logarithm) }
    }
    forward()
    let gradient = w.values(logits)
    #expect(relativeError(w.values(losses), expected) < 1e-5)
    let input = w.buffer(start)
    let differences = w.differences(input) {
      w.kernels.copy(input, to: logits.buffer)
      forward()
      return zip(w.doubles(losses), w.doubles(weights)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(relativeError(gradient, differences) < 5e-3)
  }

  @Test("cross-entropy holds for logits that overflow exp")
  func largeLogits() {
    let w = Workspace()
    let logits = w.buffer([2000, 1990, -3000]).matrix(1, 3)
    let losses = w.buffer(1, filled: .nan)
    w.kernels.crossEntropy(
      logits, targets: w.buffer([0.5, 0.5, 0]).matrix(1, 3), weights: w.buffer(1, filled: 1),
      temperature: 0.1, losses: losses)
    #expect(abs(w.values(losses)[0] - 50) < 1e-3)
    #expect(relativeError(w.values(logits), [5, -5, 0]) < 1e-5)
  }

  @Test(
    "less the dot product with a target, targets repeated, and its gradient", arguments: [7, 32])
  func alignment(width: Int) {
    let w = Workspace()
    let (x, targets) = (w.random(6, width), w.random(2, width))
    let (start, t) = (w.doubles(x), w.doubles(targets))
    let (weights, losses) = (w.random(6), w.buffer(6, filled: .nan))
    w.kernels.alignment(x, targets: targets, weights: weights, losses: losses)
    let expected = (0..<6).map { row in
      -(0..<width).reduce(0.0) { $0 + start[row * width + $1] * t[row % 2 * width + $1] }
    }
    #expect(relativeError(w.values(losses), expected) < 1e-5)
    let factors = w.doubles(weights)
    let gradient = (0..<6 * width).map { place in
      -factors[place / width] * t[place / width % 2 * width + place % width]
    }
    #expect(relativeError(w.values(x), gradient) < 1e-6)
  }

  /// The distances of rows x from rows t in double precision, as PyTorch defines cosine and smooth L1.
  private func featureDistances(
    _ x: [Double], _ t: [Double], _ width: Int, cosine: Double, smoothL1: Double
  ) -> [Double] {
    (0..<x.count / width).map { row in
      let own = Array(x[row * width..<(row + 1) * width])
      let from = row * width % t.count
      let other = Array(t[from..<from + width])
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      let lengths =
        max(dot(own, own).squareRoot(), 1e-8) * max(dot(other, other).squareRoot(), 1e-8)
      let distance = zip(own, other).reduce(0.0) { sum, pair in
        let difference = abs(pair.0 - pair.1)
        return sum + (difference < 1 ? difference * difference / 2 : difference - 0.5)
      }
      return cosine * (1 - dot(own, other) / lengths) + smoothL1 * distance / Double(width)
    }
  }

  @Test(
    "the distance of features is a cosine and a smooth L1 distance, with its gradient",
    arguments: [(1, 0), (0, 1), (0.9, 0.1)] as [(Float, Float)], [3, 16, 37])
  func featureDistance(weightsOfParts: (Float, Float), width: Int) {
    let w = Workspace()
    // Wide enough that differences lie on both sides of 1.
    let (x, targets) = (w.random(6, width, scale: 1.5), w.random(3, width, scale: 1.5))
    let (weights, losses) = (w.random(6), w.random(6))
    let (start, t, factors) = (w.doubles(x), w.doubles(targets), w.doubles(weights))
    let (cosine, smoothL1) = weightsOfParts
    func expected(_ x: [Double]) -> [Double] {
      featureDistances(x, t, width, cosine: Double(cosine), smoothL1: Double(smoothL1))
    }
    w.kernels.featureDistance(
      x, targets: targets, weights: weights, cosine: cosine, smoothL1: smoothL1, losses: losses)
    #expect(relativeError(w.values(losses), expected(start)) < 1e-5)
    let gradient = start.indices.map { place -> Double in
      var (less, more) = (start, start)
      less[place] -= 1e-6
      more[place] += 1e-6
      let row = place / width
      return factors[row] * (expected(more)[row] - expected(less)[row]) / 2e-6
    }
    #expect(relativeError(w.values(x), gradient) < 1e-5)
  }

  @Test("the distance from nothing is finite, and so is its gradient")
  func featureDistanceFromNothing() {
    let w = Workspace()
    let (x, targets) = (w.buffer(16, filled: 0).matrix(2, 8), w.buffer(16, filled: 0).matrix(2, 8))
    let (weights, losses) = (w.buffer(2, filled: 1), w.buffer(2, filled: 0))
    w.kernels.featureDistance(
      x, targets: targets, weights: weights, cosine: 0.9, smoothL1: 0.1, losses: losses)
    #expect(w.values(losses) == [0.9, 0.9])
    #expect(w.values(x).allSatisfy { $0 == 0 })
  }

  /// ½ ln det(I + scale · FᵀF) of F = (x + other) / 2 by Gaussian elimination in double precision.
  private func codingRate(_ x: [Double], _ other: [Double], _ width: Int, _ scale: Double) -> Double
  {
    let f = zip(x, other).map { ($0 + $1) / 2 }
    let rows = f.count / width
    var matrix = (0..<width).map { i in
      (0..<width).map { j in
        (0..<rows).reduce(i == j ? 1.0 : 0) {
          $0 + scale * f[$1 * width + i] * f[$1 * width + j]
        }
      }
    }
    var rate = 0.0
    for pivot in 0..<width {
      rate += 0.5 * log(matrix[pivot][pivot])
      for row in pivot + 1..<width {
        let factor = matrix[row][pivot] / matrix[pivot][pivot]
        for column in pivot..<width { matrix[row][column] -= factor * matrix[pivot][column] }
      }
    }
    return rate
  }

  @Test(
    "the coding rate and its gradient, for fewer samples than columns and for more",
    arguments: [(5, 9), (9, 5), (1, 4), (6, 6)])
  func codingRate(rows: Int, width: Int) {
    let w = Workspace()
    let (x, other) = (w.random(rows, width), w.random(rows, width))
    let dx = w.buffer(rows * width, filled: 0.25).matrix(rows, width)
    let found = w.scalar {
      w.kernels.codingRate(
        x, with: other, scale: 3, weight: 0.7, gradientWeight: 0.4, dx: dx, to: $0)
    }
    func loss() -> Double { -0.7 * codingRate(w.doubles(x), w.doubles(other), width, 3) }
    #expect(abs(found - loss()) < 1e-6 * abs(loss()))
    let differences = w.differences(x.buffer, step: 1e-3) { 0.4 * loss() }
    #expect(relativeError(w.values(dx), differences.map { $0 + 0.25 }) < 1e-3)
  }

  @Test("a coding rate of numbers that are not finite is none")
  func codingRateOfNothing() {
    let w = Workspace()
    let x = w.buffer([1, .nan, 2, 3]).matrix(2, 2)
    let rate = w.scalar {
      w.kernels.codingRate(
        x, with: x, scale: 1, weight: 1, gradientWeight: 1,
        dx: w.buffer(4, filled: 0).matrix(2, 2), to: $0)
    }
    #expect(rate.isNaN)
  }

  /// Losses by a loop in double precision.
  static func koleo(_ x: [Double], count: Int) -> [Double] {
    let width = x.count / count
    let unit = (0..<x.count).map { i -> Double in
      let row = i / width * width
      return x[i] / x[row..<row + width].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    func dot(_ a: Int, _ b: Int) -> Double {
      (0..<width).reduce(0) { $0 + unit[a * width + $1] * unit[b * width + $1] }
    }
    return (0..<count).map { i in
      let other = (0..<count).filter { $0 != i }.max { dot(i, $0) < dot(i, $1) }!
      let square = (0..<width).reduce(0.0) { sum, j in
        let difference = unit[i * width + j] - unit[other * width + j] + 1e-8
        return sum + difference * difference
      }
      return -log(square.squareRoot() + 1e-8)
    }
  }

  @Test("KoLeo is −log of the distance to the nearest, its gradient through both points")
  func koleo() {
    let w = Workspace()
    let x = w.random(9, 13)
    let (dx, losses) = (w.buffer(117, filled: 0.25).matrix(9, 13), w.buffer(9, filled: .nan))
    // Planned for a larger batch than this one.
    let workspace = KoLeoWorkspace(w.plan, samples: 20, width: 13)
    func run() {
      w.kernels.koleo(x, weight: 0.7, workspace: workspace, dx: dx, losses: losses)
    }
    run()
    let gradient = w.values(dx)
    #expect(relativeError(w.values(losses), Self.koleo(w.doubles(x), count: 9)) < 1e-5)
    let differences = w.differences(x.buffer, step: 2e-3) {
      0.7 * Self.koleo(w.doubles(x), count: 9).reduce(0, +) / 9
    }
    #expect(relativeError(gradient, differences.map { $0 + 0.25 }) < 5e-3)
  }

  @Test("KoLeo of twins is large but finite, and of one sample moves nothing")
  func koleoTwins() {
    let w = Workspace()
    let workspace = KoLeoWorkspace(w.plan, samples: 2, width: 4)
    let x = w.buffer([1, 2, 3, 4, 1, 2, 3, 4]).matrix(2, 4)
    let (dx, losses) = (w.buffer(8, filled: 0).matrix(2, 4), w.buffer(2, filled: .nan))
    w.kernels.koleo(x, weight: 1, workspace: workspace, dx: dx, losses: losses)
    // Their distance is ‖1e-8‖ over the four columns.
    #expect(w.values(losses).allSatisfy { abs(Double($0) + log(3e-8)) < 1e-4 })
    #expect(w.values(dx).allSatisfy { $0.isFinite })
    let one = w.buffer(4, filled: 0).matrix(1, 4)
    w.kernels.koleo(x.first(1), weight: 1, workspace: workspace, dx: one, losses: losses[0..<1])
    #expect(w.values(one).allSatisfy { $0 == 0 })
  }
}
