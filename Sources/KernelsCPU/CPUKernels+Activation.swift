import Kernels
import Tensor

extension CPUKernels {
  package func gelu(_ x: Matrix, into y: Matrix) {
    precondition(x.rows == y.rows && x.columns == y.columns)
    let (from, to) = (elements(x), elements(y))
    parallel(x.rows * x.columns, cost: 1) { range in
      forEachVector(range.count) { i, lanes in
        let x = from.load(range.lowerBound + i, lanes)
        to.store(x * cumulativeNormal(x), range.lowerBound + i, lanes)
      }
    }
  }

  package func geluBackward(_ dy: Matrix, x: Matrix, dx: Matrix, y: Matrix?) {
    precondition(dy.rows == x.rows && dy.columns == x.columns)
    precondition(dx.rows == x.rows && dx.columns == x.columns)
    precondition(y == nil || (y!.rows == x.rows && y!.columns == x.columns))
    let (gradient, value, target) = (pointer(dy), elements(x), elements(dx))
    let output = y.map(elements)
    parallel(x.rows * x.columns, cost: 1) { range in
      forEachVector(range.count) { i, lanes in
        let place = range.lowerBound + i
        let x = value.load(place, lanes)
        let share = cumulativeNormal(x)
        let density = exp(x * x * -0.5) * 0.398942280
        let slope = share.addingProduct(x, density)
        target.store(load(gradient + place, lanes) * slope, place, lanes)
        output?.store(x * share, place, lanes)
      }
    }
  }

  package func swiglu(_ x: Matrix, into y: Matrix) {
    precondition(x.rows == y.rows && x.columns == 2 * y.columns)
    let width = y.columns
    let (from, to) = (elements(x), elements(y))
    parallel(y.rows, cost: width) { rows in
      for row in rows {
        let source = row * 2 * width
        forEachVector(width) { i, lanes in
          let gate = from.load(source + i, lanes)
          let value = from.load(source + width + i, lanes)
          to.store(gate * sigmoid(gate) * value, row * width + i, lanes)
        }
      }
    }
  }

  package func swigluBackward(_ dy: Matrix, x: Matrix, dx: Matrix, y: Matrix?) {
    precondition(x.rows == dy.rows && x.columns == 2 * dy.columns)
    precondition(dx.rows == x.rows && dx.columns == x.columns)
    precondition(y == nil || (y!.rows == dy.rows && y!.columns == dy.columns))
    let width = dy.columns
    let (gradient, from, to) = (pointer(dy), elements(x), elements(dx))
    let output = y.map(elements)
    parallel(dy.rows, cost: width) { rows in
      for row in rows {
        let source = row * 2 * width
        forEachVector(width) { i, lanes in
          let d = load(gradient + row * width + i, lanes)
          let gate = from.load(source + i, lanes)
          let value = from.load(source + width + i, lanes)
          let open = sigmoid(gate)
          let slope = open * (Vector.one.addingProduct(gate, 1 - open))
          to.store(d * value * slope, source + i, lanes)
          to.store(d * gate * open, source + width + i, lanes)
          output?.store(gate * open * value, row * width + i, lanes)
        }
      }
    }
  }
}

/// Φ(x), the share of a standard normal below x.
@inline(__always)
private func cumulativeNormal(_ x: Vector) -> Vector { (erf(x * 0.707106781) + 1) * 0.5 }

@inline(__always)
private func sigmoid(_ x: Vector) -> Vector { 1 / (exp(-x) + 1) }
