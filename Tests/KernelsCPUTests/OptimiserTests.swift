import Foundation
import Kernels
import Tensor
import Testing

@Suite("Optimiser steps")
struct OptimiserTests {
  @Test("AdamW follows PyTorch's update over several steps, by segment, and the teacher follows it")
  func adamW() {
    let w = Workspace()
    let count = 70_000
    let p = w.random(count)
    let (m, v) = (w.buffer(count, filled: 0), w.buffer(count, filled: 0))
    let average = w.random(count)
    let segments = [
      ParameterSegment(range: 0..<37, lr: 0.1, weightDecay: 0.04, gradientScale: 1),
      ParameterSegment(range: 37..<66_000, lr: 0.02, weightDecay: 0, gradientScale: 0.3),
      ParameterSegment(range: 66_003..<count, lr: 0, weightDecay: 0.5, gradientScale: 2),
    ]
    var expected = w.doubles(p)
    var teacher = w.doubles(average)
    var (mean, square) = (expected.map { _ in 0.0 }, expected.map { _ in 0.0 })
    for step in 1...4 {
      let g = w.random(count)
      w.kernels.adamW(
        p, gradients: g, expAvg: m, expAvgSq: v, average: average, segments: segments,
        settings: AdamWSettings(beta1: 0.9, beta2: 0.999, step: step, momentum: 0.992))
      let gradients = w.doubles(g)
      for segment in segments {
        let lr = Double(segment.lr)
        for i in segment.range {
          let gradient = gradients[i] * Double(segment.gradientScale)
          expected[i] *= 1 - lr * Double(segment.weightDecay)
          mean[i] = 0.9 * mean[i] + 0.1 * gradient
          square[i] = 0.999 * square[i] + 0.001 * gradient * gradient
          let root = (square[i] / (1 - pow(0.999, Double(step)))).squareRoot()
          expected[i] -= lr * mean[i] / (1 - pow(0.9, Double(step))) / (root + 1e-8)
          teacher[i] = 0.992 * teacher[i] + 0.008 * expected[i]
        }
      }
    }
    #expect(relativeError(w.values(p), expected) < 1e-6)
    #expect(relativeError(w.values(m), mean) < 1e-5)
    #expect(relativeError(w.values(v), square) < 1e-4)
    #expect(relativeError(w.values(average), teacher) < 1e-6)
  }

  @Test("sums are in double precision, whatever their length")
  func sums() {
    let w = Workspace()
    let count = 200_003
    let x = w.random(count, scale: 1, around: 1000)
    let weights = w.random(count)
    let (a, b) = (w.doubles(x), w.doubles(weights))
    let squares = a.reduce(0) { $0 + $1 * $1 }
    func sum(_ x: Buffer, weights: Buffer? = nil) -> Double {
      w.scalar { w.kernels.addSum(x, weights: weights, to: $0) }
    }
    let found = w.scalar { w.kernels.addSumOfSquares(x, to: $0) }
    #expect(abs(found - squares) < 1e-11 * squares)
    #expect(abs(sum(x) - a.reduce(0, +)) < 1e-3)
    let weighted = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(sum(x, weights: weights) - weighted) < 1e-5)
    #expect(sum(x[0..<0]) == 0)
    let twice = w.scalar { place in
      for _ in 0..<2 { w.kernels.addSumOfSquares(x, to: place) }
    }
    #expect(twice == 2 * found)
  }

  @Test("filling, copying and scaled adding reach every element and no other")
  func memory() {
    let w = Workspace()
    let (x, y) = (w.random(66_001), w.random(66_001))
    let (a, b) = (w.values(x), w.values(y))
    w.kernels.add(x[1..<66_000], scale: -2, to: y[1..<66_000])
    let sums = w.values(y)
    #expect(sums[0] == b[0] && sums[66_000] == b[66_000])
    #expect((1..<66_000).allSatisfy { abs(sums[$0] - (b[$0] - 2 * a[$0])) <= 1e-5 })
    w.kernels.copy(x, to: y)
    w.kernels.fill(y[3..<65_999], with: 4)
    let filled = w.values(y)
    #expect(filled[2] == a[2] && filled[65_999] == a[65_999])
    #expect(filled[3..<65_999].allSatisfy { $0 == 4 })
  }
}
