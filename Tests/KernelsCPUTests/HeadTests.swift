import Kernels
import Tensor
import Testing

@Suite("The end of the head")
struct HeadTests {
  @Test("normalised rows have length one, and the gradient matches differences")
  func l2() {
    let w = Workspace()
    let x = w.random(6, 21)
    let (y, dy, norms) = (w.unset(6, 21), w.random(6, 21), w.buffer(6, filled: .nan))
    func forward() { w.kernels.l2Normalise(x, eps: 1e-12, norms: norms, into: y) }
    forward()
    let values = w.doubles(x)
    for row in 0..<6 {
      let length = values[row * 21..<(row + 1) * 21].reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(Double(w.values(norms)[row]) - length) < 1e-5)
      let unit = w.doubles(y)[row * 21..<(row + 1) * 21].reduce(0) { $0 + $1 * $1 }
      #expect(abs(unit - 1) < 1e-5)
    }
    let differences = w.differences(x.buffer) {
      forward()
      return w.projection(y, on: dy)
    }
    forward()
    w.kernels.l2NormaliseBackward(dy, y: y, norms: norms, eps: 1e-12, dx: dy)
    #expect(relativeError(w.values(dy), differences) < 5e-3)
  }

  @Test("rows shorter than eps are divided by it, both ways")
  func shortRows() {
    let w = Workspace()
    let x = w.buffer([3e-4, -4e-4, 0, 0]).matrix(2, 2)
    let (y, norms) = (w.unset(2, 2), w.buffer(2, filled: .nan))
    w.kernels.l2Normalise(x, eps: 1e-2, norms: norms, into: y)
    #expect(relativeError(w.values(y), [3e-2, -4e-2, 0, 0]) < 1e-6)
    let dx = w.unset(2, 2)
    let dy = w.buffer([1, 2, 3, 4]).matrix(2, 2)
    w.kernels.l2NormaliseBackward(dy, y: y, norms: norms, eps: 1e-2, dx: dx)
    #expect(relativeError(w.values(dx), [100, 200, 300, 400]) < 1e-6)
  }

  @Test(
    "logits are x · (g v / ‖v‖)ᵀ and gradients match differences",
    arguments: [(5, 37, 11), (70, 33, 11), (9, 20, 300)])
  func prototypes(rows: Int, count: Int, width: Int) {
    let w = Workspace()
    let (x, v) = (w.random(rows, width), w.random(count, width))
    let (g, norms) = (w.random(count, scale: 0.3, around: 1), w.buffer(count, filled: .nan))
    let (logits, weights) = (w.unset(rows, count), w.random(rows, count))
    func forward() {
      w.kernels.prototypeNorms(v, into: norms)
      w.kernels.prototypes(x, v: v, g: g, norms: norms, into: logits)
    }
    forward()
    let directions = (0..<count).flatMap { k -> [Double] in
      let row = w.doubles(v.rows(k..<k + 1))
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 * w.doubles(g)[k] / length }
    }
    let expected = naiveProduct(w.doubles(x), directions, m: rows, n: count, k: width, turnB: true)
    #expect(relativeError(w.values(logits), expected) < 1e-5)

    let (dx, dG) = (w.unset(rows, width), w.buffer(count, filled: 3))
    let dV = w.buffer(count * width, filled: 0).matrix(count, width)
    // In two parts, whose gradients add up.
    for part in [0..<rows / 2, rows / 2..<rows] {
      let dLogits = w.buffer(Array(w.values(weights.rows(part)))).matrix(part.count, count)
      w.kernels.prototypesBackward(
        dLogits, x: x.rows(part), v: v, g: g, norms: norms, dx: dx.rows(part), dV: dV)
    }
    w.kernels.weightNormBackward(v: v, g: g, dV: dV, dG: dG)
    func differences(_ input: Buffer) -> [Double] {
      w.differences(input) {
        forward()
        return w.projection(logits, on: weights)
      }
    }
    #expect(relativeError(w.values(dx), differences(x.buffer)) < 5e-3)
    #expect(relativeError(w.values(dV), differences(v.buffer)) < 5e-3)
    #expect(relativeError(w.values(dG), differences(g).map { $0 + 3 }) < 5e-3)
  }
}
