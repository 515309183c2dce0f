import Foundation
import Kernels
import Tensor
import Testing

@Suite("Targets")
struct TargetTests {
  /// The method in double precision, with the largest logit taken away.
  static func sinkhorn(_ logits: [Double], samples: Int, temperature: Double, iterations: Int)
    -> [Double]
  {
    let count = logits.count / samples
    let top = logits.max()!
    var q = logits.map { exp(($0 - top) / temperature) }
    for _ in 0..<iterations {
      for k in 0..<count {
        let total = (0..<samples).reduce(0.0) { $0 + q[$1 * count + k] } * Double(count)
        for s in 0..<samples { q[s * count + k] /= total }
      }
      for s in 0..<samples {
        let total = (0..<count).reduce(0.0) { $0 + q[s * count + $1] } * Double(samples)
        for k in 0..<count { q[s * count + k] /= total }
      }
    }
    return q.map { $0 * Double(samples) }
  }

  @Test(
    "Sinkhorn-Knopp does what the reference does",
    arguments: [(1, 7, 3), (5, 37, 3), (40, 130, 1), (67, 16, 6)])
  func sinkhornKnopp(samples: Int, count: Int, iterations: Int) {
    let w = Workspace()
    let logits = w.random(samples, count, scale: 0.3)
    let expected = Self.sinkhorn(
      w.doubles(logits), samples: samples, temperature: 0.04, iterations: iterations)
    w.kernels.sinkhornKnopp([logits], temperature: 0.04, iterations: iterations)
    #expect(relativeError(w.values(logits), expected) < 1e-4)
    for row in 0..<samples {
      let sum = w.doubles(logits.rows(row..<row + 1)).reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
  }

  @Test("logits that overflow exp, and samples far below the best, are assigned as exactly")
  func largeLogits() {
    let w = Workspace()
    let (samples, count) = (9, 50)
    let logits = w.random(samples, count, scale: 0.5)
    // Sample s stands at 1000 − s / 3, up to 67 · temperature below the first.
    let shifted = w.values(logits).enumerated().map { $1 + 1000 - Float($0 / count) / 3 }
    w.kernels.upload(shifted, to: logits.buffer)
    let expected = Self.sinkhorn(
      w.doubles(logits), samples: samples, temperature: 0.04, iterations: 3)
    w.kernels.sinkhornKnopp([logits], temperature: 0.04, iterations: 3)
    #expect(relativeError(w.values(logits), expected) < 1e-3)
  }

  @Test("logits farther apart than a float can tell still give rows that sum to one")
  func extremeLogits() {
    let w = Workspace()
    let logits = w.random(12, 33, scale: 100)
    w.kernels.sinkhornKnopp([logits], temperature: 0.04, iterations: 3)
    for row in 0..<12 {
      let sum = w.doubles(logits.rows(row..<row + 1)).reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    #expect(w.values(logits).allSatisfy { $0 >= 0 })
  }

  @Test("the centered softmax is softmax((x − center) / temperature)")
  func centered() {
    let w = Workspace()
    let (logits, center) = (w.random(6, 45), w.random(45))
    let (x, c) = (w.doubles(logits), w.doubles(center))
    let expected = (0..<6).flatMap { row -> [Double] in
      let powers = (0..<45).map { exp((x[row * 45 + $0] - c[$0]) / 0.07) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    w.kernels.centeredSoftmax(logits, center: center, temperature: 0.07)
    #expect(relativeError(w.values(logits), expected) < 1e-5)
  }

  @Test("features are standardised by the means of channels and of their squares")
  func standardise() {
    let w = Workspace()
    let x = w.random(40, 21)
    let start = w.doubles(x)
    let (mean, square) = (w.buffer(21, filled: 0), w.buffer(21, filled: 0))
    w.kernels.updateCenter(mean, rows: [x], power: 1, momentum: 0)
    w.kernels.updateCenter(square, rows: [x], power: 2, momentum: 0)
    let columns = (0..<21).map { k in (0..<40).map { row in start[row * 21 + k] } }
    let means = columns.map { $0.reduce(0, +) / 40 }
    let deviations = zip(columns, means).map { column, mean -> Double in
      let squares = column.map { ($0 - mean) * ($0 - mean) }
      return (squares.reduce(0, +) / 40).squareRoot()
    }
    w.kernels.standardise(x, mean: mean, square: square, eps: 1e-6)
    let expected = start.indices.map { place -> Double in
      (start[place] - means[place % 21]) / (deviations[place % 21] + 1e-6)
    }
    #expect(relativeError(w.values(x), expected) < 1e-5)
  }

  @Test("a channel that never varies is standardised to nothing, not to noise")
  func standardiseConstant() {
    let w = Workspace()
    let x = w.buffer(24, filled: 0.1).matrix(8, 3)
    let (mean, square) = (w.buffer(3, filled: 0), w.buffer(3, filled: 0))
    w.kernels.updateCenter(mean, rows: [x], power: 1, momentum: 0)
    w.kernels.updateCenter(square, rows: [x], power: 2, momentum: 0)
    w.kernels.standardise(x, mean: mean, square: square, eps: 1e-6)
    #expect(w.values(x).allSatisfy { abs($0) < 1e-2 })
  }

  @Test("a mean stays what it is, however many rows have a small share in it", arguments: [1, 2])
  func manyRows(power: Int) {
    let w = Workspace()
    let x = w.random(32_768, 3)
    for (place, value) in w.values(x).enumerated() where place % 3 == 0 {
      w.kernels.upload([value + 5], to: x.buffer[place..<place + 1])
    }
    let values = w.doubles(x)
    let means = (0..<3).map { k -> Double in
      (0..<32_768).reduce(0.0) { $0 + pow(values[$1 * 3 + k], Double(power)) } / 32_768
    }
    let mean = w.buffer(means.map(Float.init))
    for _ in 0..<100 { w.kernels.updateCenter(mean, rows: [x], power: power, momentum: 0.999) }
    let found = w.doubles(mean)
    for k in 0..<3 { #expect(abs(found[k] - means[k]) < 1e-5 * max(1, abs(means[k])), "\(k)") }
  }

  @Test("the center moves towards the mean of the rows, and not at all without rows")
  func center() {
    let w = Workspace()
    let (rows, center) = (w.random(7, 29), w.random(29))
    let (x, c) = (w.doubles(rows), w.doubles(center))
    let expected = (0..<29).map { k -> Double in
      let total = (0..<7).reduce(0.0) { $0 + x[$1 * 29 + k] }
      return 0.9 * c[k] + 0.1 * total / 7
    }
    w.kernels.updateCenter(center, rows: [rows], momentum: 0.9)
    #expect(relativeError(w.values(center), expected) < 1e-6)
    w.kernels.updateCenter(center, rows: [rows.first(0)], momentum: 0.9)
    #expect(relativeError(w.values(center), expected) < 1e-6)
  }
}
