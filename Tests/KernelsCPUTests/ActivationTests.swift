import Foundation
import Kernels
import KernelsCPU
import Tensor
import Testing

@Suite("Linear layers with an activation")
struct ActivationTests {
  /// Rows, columns of the activation's output, and the inner dimension: cut by rows, by rows in two
  /// lots, by columns, by columns in two lots, and by the inner dimension.
  static let shapes = [
    (230, 46, 70), (700, 60, 1800), (9, 302, 45), (20, 460, 1700), (12, 22, 2100),
  ]

  /// x · Φ(x) or silu(gate) · value, and the slope by x or by gate and value.
  private func exact(_ activation: Activation, _ x: (Double, Double)) -> (Double, (Double, Double))
  {
    switch activation {
    case .gelu:
      let share = 0.5 * erfc(-x.0 / 2.0.squareRoot())
      let density = exp(-x.0 * x.0 / 2) / (2 * Double.pi).squareRoot()
      return (x.0 * share, (share + x.0 * density, 0))
    case .swiglu:
      let open = 1 / (1 + exp(-x.0))
      return (x.0 * open * x.1, (open * (1 + x.0 * (1 - open)) * x.1, x.0 * open))
    }
  }

  /// What an activation gives of x [rows, activation.columns × width], and from its output's gradient
  /// that by x.
  private func exact(
    _ activation: Activation, _ x: [Double], width: Int, gradient: [Double]? = nil
  ) -> (values: [Double], gradient: [Double]) {
    let columns = activation.columns * width
    var dx = [Double](repeating: 0, count: x.count)
    let values = (0..<x.count / activation.columns).map { i -> Double in
      let place = i / width * columns + i % width
      let second = activation == .swiglu ? place + width : place
      let (value, slope) = exact(activation, (x[place], x[second]))
      let d = gradient?[i] ?? 1
      dx[place] = d * slope.0
      if activation == .swiglu { dx[second] = d * slope.1 }
      return value
    }
    return (values, dx)
  }

  @Test("GELU is x Φ(x) to a float's precision, far out too, and its gradient Φ(x) + x φ(x)")
  func gelu() {
    let w = Workspace()
    let points = (-400...400).map { Float($0) * 0.03 }
    let x = w.buffer(points).matrix(9, 89)
    let unit = w.buffer((0..<89 * 89).map { $0 % 90 == 0 ? 1 : 0 }).matrix(89, 89)
    let (same, y) = (w.unset(9, 89), w.unset(9, 89))
    w.kernels.linear(x, weight: unit, bias: nil, into: same, .gelu, activated: y)
    #expect(w.values(same) == points)
    let (dy, dx, again) = (w.random(9, 89), w.unset(9, 89), w.unset(9, 89))
    let (values, gradient) = exact(
      .gelu, points.map(Double.init), width: 89, gradient: w.doubles(dy))
    for ((point, value), exact) in zip(zip(points, w.values(y)), values) {
      #expect(abs(Double(value) - exact) < 1e-6 * max(1, abs(exact)), "at \(point)")
    }
    w.kernels.linearInputGradient(dy, weight: unit, .gelu, x: x, dx: dx, activated: again)
    #expect(relativeError(w.values(dx), gradient) < 1e-6)
    #expect(w.values(again) == w.values(y))
  }

  @Test(
    "a layer's result is as without its activation, which is of that result",
    arguments: [Activation.gelu, .swiglu], shapes)
  func forward(activation: Activation, shape: (rows: Int, width: Int, inner: Int)) {
    let (m, n) = (shape.rows, shape.width * activation.columns)
    for precision in [Precision.fp32, .bf16] {
      let w = Workspace(precision: precision)
      let x = w.random(m, shape.inner, scale: 1 / Float(shape.inner).squareRoot())
      let (weight, bias) = (w.random(n, shape.inner), w.random(n))
      let (plain, y) = (w.unset(m, n), w.unset(m, n))
      let activated = w.unset(m, shape.width)
      w.kernels.linear(x, weight: weight, bias: bias, into: plain)
      w.kernels.linear(x, weight: weight, bias: bias, into: y, activation, activated: activated)
      #expect(w.values(y) == w.values(plain))
      let expected = exact(activation, w.doubles(y), width: shape.width).values
      #expect(relativeError(w.values(activated), expected) < 1e-6)
      guard precision == .bf16 else { continue }
      let (halves, half) = (w.rounded(y), w.rounded(activated))
      w.kernels.linear(x, weight: weight, bias: bias, into: halves, activation, activated: half)
      #expect(w.halves(halves).map(Double.init) == w.values(plain).map(nearestBFloat16))
      let ofRounded = exact(activation, w.halves(halves).map(Double.init), width: shape.width)
        .values
      #expect(relativeError(w.halves(half), ofRounded) < 3e-3)
    }
  }

  @Test(
    "the gradient by an activation's input is the product's times the slope",
    arguments: [Activation.gelu, .swiglu], shapes)
  func backward(activation: Activation, shape: (rows: Int, width: Int, outputs: Int)) {
    let (m, width) = (shape.rows, shape.width)
    for precision in [Precision.fp32, .bf16] {
      let w = Workspace(precision: precision)
      let x = w.random(m, width * activation.columns, scale: 2)
      let (weight, dy) = (w.random(shape.outputs, width), w.random(m, shape.outputs))
      let (dx, y) = (w.unset(m, x.columns), w.unset(m, width))
      func rounded(_ value: Float) -> Double {
        precision == .bf16 ? nearestBFloat16(value) : Double(value)
      }
      let product = naiveProduct(
        w.values(dy).map(rounded), w.values(weight).map(rounded), m: m, n: width, k: shape.outputs)
      w.kernels.linearInputGradient(dy, weight: weight, activation, x: x, dx: dx, activated: y)
      let expected = exact(activation, w.doubles(x), width: width, gradient: product)
      #expect(relativeError(w.values(dx), expected.gradient) < 1e-5)
      #expect(relativeError(w.values(y), expected.values) < 1e-6)
      guard precision == .bf16 else { continue }
      let (halves, dHalves, half) = (w.rounded(x), w.rounded(dx), w.rounded(y))
      w.kernels.linearInputGradient(
        dy, weight: weight, activation, x: halves, dx: dHalves, activated: half)
      let ofRounded = exact(
        activation, w.halves(halves).map(Double.init), width: width, gradient: product)
      #expect(relativeError(w.halves(dHalves), ofRounded.gradient) < 3e-3)
      #expect(relativeError(w.halves(half), ofRounded.values) < 3e-3)
    }
  }

  @Test(
    "gradients match differences of the two layers and what is between",
    arguments: [Activation.gelu, .swiglu], [(40, 12, 20), (5, 40, 9), (4, 6, 120)])
  func differences(activation: Activation, shape: (rows: Int, width: Int, outputs: Int)) {
    let (m, width) = (shape.rows, shape.width)
    let w = Workspace()
    let wide = width * activation.columns
    let x = w.random(m, wide, scale: 2)
    let unit = w.buffer((0..<wide * wide).map { $0 % (wide + 1) == 0 ? 1 : 0 }).matrix(wide, wide)
    let (same, activated) = (w.unset(m, wide), w.unset(m, width))
    let (weight, out) = (w.random(shape.outputs, width), w.unset(m, shape.outputs))
    let (dy, dx) = (w.random(m, shape.outputs), w.unset(m, wide))
    w.kernels.linearInputGradient(dy, weight: weight, activation, x: x, dx: dx, activated: nil)
    let differences = w.differences(x.buffer) {
      w.kernels.linear(x, weight: unit, bias: nil, into: same, activation, activated: activated)
      w.kernels.linear(activated, weight: weight, bias: nil, into: out)
      return w.projection(out, on: dy)
    }
    #expect(relativeError(w.values(dx), differences) < 1e-2)
  }
}
