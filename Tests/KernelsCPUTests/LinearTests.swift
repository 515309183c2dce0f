import Kernels
import KernelsCPU
import Tensor
import Testing

@Suite("Linear layers and products")
struct LinearTests {
  /// Rows, columns and inner dimension: each of them the longest once, and none a whole tile. The last
  /// is packed in several lots, a transposed left factor in several groups of strips.
  static let shapes = [
    (1, 1, 1), (401, 37, 300), (9, 531, 45), (21, 35, 2100), (130, 260, 257), (810, 20, 3200),
  ]

  @Test("linear is x · weightᵀ + bias", arguments: shapes)
  func forward(m: Int, n: Int, k: Int) {
    let w = Workspace()
    let (x, weight, bias) = (w.random(m, k), w.random(n, k), w.random(n))
    let y = w.unset(m, n)
    w.kernels.linear(x, weight: weight, bias: bias, into: y)
    var expected = naiveProduct(w.doubles(x), w.doubles(weight), m: m, n: n, k: k, turnB: true)
    #expect(
      relativeError(
        w.values(y), zip(expected.indices, expected).map { $1 + w.doubles(bias)[$0 % n] }) < 1e-5)
    w.kernels.linear(x, weight: weight, bias: nil, into: y)
    #expect(relativeError(w.values(y), expected) < 1e-5)
    expected = []
  }

  @Test("linear's gradients are its products, added for parameters", arguments: shapes)
  func backward(m: Int, n: Int, k: Int) {
    let w = Workspace()
    let (x, weight, dy) = (w.random(m, k), w.random(n, k), w.random(m, n))
    let (dx, dWeight) = (w.unset(m, k), w.random(n, k))
    let dBias = w.random(n)
    let (beforeWeight, beforeBias) = (w.doubles(dWeight), w.doubles(dBias))
    w.kernels.linearBackward(dy, x: x, weight: weight, dx: dx, dWeight: dWeight, dBias: dBias)
    let toX = naiveProduct(w.doubles(dy), w.doubles(weight), m: m, n: k, k: n)
    let toWeight = naiveProduct(w.doubles(dy), w.doubles(x), m: n, n: k, k: m, turnA: true)
    var toBias = beforeBias
    for (i, value) in w.doubles(dy).enumerated() { toBias[i % n] += value }
    #expect(relativeError(w.values(dx), toX) < 1e-5)
    #expect(relativeError(w.values(dWeight), zip(toWeight, beforeWeight).map { $0 + $1 }) < 1e-5)
    #expect(relativeError(w.values(dBias), toBias) < 1e-5)
  }

  @Test("multiply adds to what is there, or writes over it", arguments: shapes)
  func multiply(m: Int, n: Int, k: Int) {
    let w = Workspace()
    let (a, turned, b) = (w.random(m, k), w.random(k, m), w.random(k, n))
    let y = w.random(m, n)
    let before = w.doubles(y)
    let product = naiveProduct(w.doubles(a), w.doubles(b), m: m, n: n, k: k)
    w.kernels.multiply(a, transposed: false, b, accumulate: true, into: y)
    #expect(relativeError(w.values(y), zip(product, before).map { $0 + $1 }) < 1e-5)
    let over = w.unset(m, n)
    w.kernels.multiply(turned, transposed: true, b, accumulate: false, into: over)
    let other = naiveProduct(w.doubles(turned), w.doubles(b), m: m, n: n, k: k, turnA: true)
    #expect(relativeError(w.values(over), other) < 1e-5)
  }

  @Test("no rows to sum over leave gradients as they are and products zero")
  func empty() {
    let w = Workspace()
    let (none, alsoNone) = (w.random(0, 5), w.random(0, 7))
    let (weight, dWeight, dBias) = (w.random(5, 7), w.random(5, 7), w.random(5))
    let before = (w.values(dWeight), w.values(dBias))
    w.kernels.linearBackward(
      none, x: alsoNone, weight: weight, dx: alsoNone, dWeight: dWeight, dBias: dBias)
    #expect(w.values(dWeight) == before.0 && w.values(dBias) == before.1)
    let y = w.unset(5, 7)
    w.kernels.multiply(none, transposed: true, alsoNone, accumulate: false, into: y)
    #expect(w.values(y).allSatisfy { $0 == 0 })
  }

  @Test("operations are counted, two for a multiply-add")
  func operations() {
    let w = Workspace()
    w.kernels.linear(w.random(10, 20), weight: w.random(30, 20), bias: nil, into: w.unset(10, 30))
    #expect(w.kernels.floatingPointOperations == 12_000)
  }

  @Test("the self-check finds nothing wrong here")
  func selfCheck() { #expect(CPUKernels.selfCheck() == nil) }
}
