import Kernels
import Tensor
import Testing

@Suite("LayerNorm")
struct NormTests {
  /// Layer norm of some rows of a matrix, with what it leaves.
  struct Case {
    let w = Workspace()
    let x, normalised, y: Matrix
    let weight, bias, rstd: Buffer
    let eps: Float
    let chosen: [Int32]?
    let rows: Indices?

    init(width: Int, rows chosen: [Int32]?, eps: Float = 1e-6) {
      self.eps = eps
      x = w.random(8 * width, scale: 2, around: 3).matrix(8, width)
      let count = chosen?.count ?? 8
      normalised = w.unset(count, width)
      y = w.unset(count, width)
      weight = w.random(width)
      bias = w.random(width)
      rstd = w.buffer(count, filled: .nan)
      self.chosen = chosen
      rows = chosen.map(w.indices)
    }

    func forward() {
      w.kernels.layerNorm(
        x, rows: rows, weight: weight, bias: bias, eps: eps, normalised: normalised,
        rstd: rstd, into: y)
    }
  }

  static let widths = [(10, nil), (37, [6, 1, 4]), (96, [7, 0, 2, 5])] as [(Int, [Int32]?)]

  @Test("rows have mean and deviation taken away, then weight and bias", arguments: widths)
  func forward(width: Int, rows: [Int32]?) {
    let test = Case(width: width, rows: rows)
    test.forward()
    let (w, x) = (test.w, test.w.doubles(test.x))
    var expected: [Double] = []
    for row in rows?.map(Int.init) ?? Array(0..<8) {
      let values = x[row * width..<(row + 1) * width]
      let mean = values.reduce(0, +) / Double(width)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      for (i, value) in values.enumerated() {
        let unit = (value - mean) / (variance + 1e-6).squareRoot()
        expected.append(unit * w.doubles(test.weight)[i] + w.doubles(test.bias)[i])
      }
    }
    #expect(relativeError(w.values(test.y), expected) < 1e-5)
  }

  @Test("what is added to the variance is what was asked for")
  func epsilon() {
    let test = Case(width: 24, rows: nil, eps: 0.5)
    test.forward()
    let w = test.w
    let found = w.values(test.rstd)
    for row in 0..<8 {
      let values = w.doubles(test.x)[row * 24..<(row + 1) * 24]
      let mean = values.reduce(0, +) / 24
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 24
      #expect(abs(Double(found[row]) * (variance + 0.5).squareRoot() - 1) < 1e-5)
    }
  }

  @Test("gradients match differences and reach the chosen rows alone", arguments: widths)
  func backward(width: Int, rows: [Int32]?) {
    let test = Case(width: width, rows: rows)
    let w = test.w
    test.forward()
    let dy = w.random(test.y.rows, width)
    let dx = w.buffer(8 * width, filled: 0.5).matrix(8, width)
    let (dWeight, dBias) = (w.buffer(width, filled: 0.5), w.buffer(width, filled: 0.5))
    w.kernels.layerNormBackward(
      dy, normalised: test.normalised, rstd: test.rstd, weight: test.weight, rows: test.rows,
      dx: dx, dWeight: dWeight, dBias: dBias)
    func differences(_ input: Buffer) -> [Double] {
      w.differences(input, step: 0.03) {
        test.forward()
        return w.projection(test.y, on: dy)
      }.map { $0 + 0.5 }
    }
    #expect(relativeError(w.values(dx), differences(test.x.buffer)) < 5e-3)
    #expect(relativeError(w.values(dWeight), differences(test.weight)) < 5e-3)
    #expect(relativeError(w.values(dBias), differences(test.bias)) < 5e-3)
  }
}
