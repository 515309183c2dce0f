import Kernels
import Tensor

extension CPUKernels {
  package func gelu(_ x: Matrix, into y: Matrix) {
    precondition(x.buffer.count == y.buffer.count)
    let (from, to) = (pointer(x), pointer(y))
    parallel(x.buffer.count, cost: 1) { range in
      map(range.count, from + range.lowerBound, to + range.lowerBound) {
        $0 * cumulativeNormal($0)
      }
    }
  }

  package func geluBackward(_ dy: Matrix, x: Matrix, dx: Matrix) {
    precondition(dy.buffer.count == x.buffer.count && dx.buffer.count == x.buffer.count)
    let (gradient, value, target) = (pointer(dy), pointer(x), pointer(dx))
    parallel(x.buffer.count, cost: 1) { range in
      let first = range.lowerBound
      combine(range.count, gradient + first, value + first, target + first) { dy, x in
        let density = exp(x * x * -0.5) * 0.398942280
        return dy * cumulativeNormal(x).addingProduct(x, density)
      }
    }
  }

  package func swiglu(_ x: Matrix, into y: Matrix) {
    precondition(x.rows == y.rows && x.columns == 2 * y.columns)
    let width = y.columns
    let (from, to) = (pointer(x), pointer(y))
    parallel(y.rows, cost: width) { rows in
      for row in rows {
        let gate = from + row * 2 * width
        combine(width, gate, gate + width, to + row * width) { $0 * sigmoid($0) * $1 }
      }
    }
  }

  package func swigluBackward(_ dy: Matrix, x: Matrix, dx: Matrix) {
    precondition(x.rows == dy.rows && x.columns == 2 * dy.columns)
    precondition(dx.rows == x.rows && dx.columns == x.columns)
    let width = dy.columns
    let (gradient, from, to) = (pointer(dy), pointer(x), pointer(dx))
    parallel(dy.rows, cost: width) { rows in
      for row in rows {
        let source = from + row * 2 * width
        let target = to + row * 2 * width
        forEachVector(width) { i, lanes in
          let d = load(gradient + row * width + i, lanes)
          let gate = load(source + i, lanes)
          let value = load(source + width + i, lanes)
          let open = sigmoid(gate)
          let slope = open * (Vector.one.addingProduct(gate, 1 - open))
          store(d * value * slope, target + i, lanes)
          store(d * gate * open, target + width + i, lanes)
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
