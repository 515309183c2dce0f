import Foundation
import Kernels
import Tensor
import Testing

@Suite("Activations")
struct ActivationTests {
  @Test("GELU is x Φ(x) to a float's precision, far out too")
  func gelu() {
    let w = Workspace()
    let points = (-400...400).map { Float($0) * 0.03 }
    let x = w.buffer(points).matrix(9, 89)
    let y = w.unset(9, 89)
    w.kernels.gelu(x, into: y)
    for (point, value) in zip(points, w.values(y)) {
      let exact = Double(point) * 0.5 * erfc(-Double(point) / 2.0.squareRoot())
      #expect(abs(Double(value) - exact) < 1e-6 * max(1, abs(exact)), "at \(point)")
    }
  }

  @Test("GELU's gradient is Φ(x) + x φ(x)")
  func geluBackward() {
    let w = Workspace()
    let points = (-400...400).map { Float($0) * 0.03 }
    let x = w.buffer(points).matrix(9, 89)
    let dy = w.random(9, 89)
    let dx = w.unset(9, 89)
    w.kernels.geluBackward(dy, x: x, dx: dx)
    let expected = zip(points, w.doubles(dy)).map { point, d -> Double in
      let z = Double(point)
      let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
      return d * (0.5 * erfc(-z / 2.0.squareRoot()) + z * density)
    }
    #expect(relativeError(w.values(dx), expected) < 1e-6)
    let y = w.unset(9, 89)
    let differences = w.differences(x.buffer) {
      w.kernels.gelu(x, into: y)
      return w.projection(y, on: dy)
    }
    #expect(relativeError(w.values(dx), differences) < 1e-2)
  }

  @Test(
    "SwiGLU is silu(gate) · value and its gradient matches differences", arguments: [5, 16, 43])
  func swiglu(width: Int) {
    let w = Workspace()
    let x = w.random(4, 2 * width, scale: 3)
    let (y, dy, dx) = (w.unset(4, width), w.random(4, width), w.unset(4, 2 * width))
    w.kernels.swiglu(x, into: y)
    let values = w.doubles(x)
    let expected = (0..<4 * width).map { i -> Double in
      let gate = values[i / width * 2 * width + i % width]
      return gate / (1 + exp(-gate)) * values[i / width * 2 * width + width + i % width]
    }
    #expect(relativeError(w.values(y), expected) < 1e-6)
    w.kernels.swigluBackward(dy, x: x, dx: dx)
    let differences = w.differences(x.buffer) {
      w.kernels.swiglu(x, into: y)
      return w.projection(y, on: dy)
    }
    #expect(relativeError(w.values(dx), differences) < 5e-3)
  }
}
