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
