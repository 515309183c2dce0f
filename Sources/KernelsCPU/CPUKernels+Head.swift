import Kernels
import Tensor

extension CPUKernels {
  package func l2Normalise(_ x: Matrix, eps: Float, norms: Buffer, into y: Matrix) {
    precondition(x.rows == y.rows && x.columns == y.columns && norms.count >= x.rows)
    let width = x.columns
    let (from, to, lengths) = (pointer(x), pointer(y), pointer(norms))
    parallel(x.rows, cost: width) { rows in
      for row in rows {
        let source = from + row * width
        lengths[row] = dot(width, source, source).squareRoot()
        let factor = 1 / max(lengths[row], eps)
        map(width, source, to + row * width) { $0 * factor }
      }
    }
  }

  package func l2NormaliseBackward(
    _ dy: Matrix, y: Matrix, norms: Buffer, eps: Float, dx: Matrix
  ) {
    precondition(dy.rows == y.rows && dy.columns == y.columns && norms.count >= y.rows)
    precondition(dx.rows == y.rows && dx.columns == y.columns)
    let width = y.columns
    let (from, unit, to, lengths) = (pointer(dy), pointer(y), pointer(dx), pointer(norms))
    parallel(y.rows, cost: width) { rows in
      for row in rows {
        let first = row * width
        // Below eps the divisor is a constant.
        let radial = lengths[row] > eps ? dot(width, from + first, unit + first) : 0
        let factor = 1 / max(lengths[row], eps)
        combine(width, from + first, unit + first, to + first) { ($0 - $1 * radial) * factor }
      }
    }
  }

  package func prototypeNorms(_ v: Matrix, into norms: Buffer) {
    precondition(norms.count == v.rows)
    let width = v.columns
    let (directions, lengths) = (pointer(v), pointer(norms))
    parallel(v.rows, cost: width) { range in
      for k in range {
        lengths[k] = dot(width, directions + k * width, directions + k * width).squareRoot()
      }
    }
  }

  package func prototypes(_ x: Matrix, v: Matrix, g: Buffer, norms: Buffer, into logits: Matrix) {
    check(x, v, g, norms, logits)
    compute(
      Product(
        m: x.rows, n: v.rows, k: v.columns, a: Factor(pointer(x), stride: v.columns),
        b: Factor(pointer(v), stride: v.columns, transposed: true),
        target: .sums(pointer(logits), stride: v.rows), precision: precision,
        scale: RowScale(gains: pointer(g), norms: pointer(norms))))
  }

  package func prototypesBackward(
    _ dLogits: Matrix, x: Matrix, v: Matrix, g: Buffer, norms: Buffer, dx: Matrix, dV: Matrix
  ) {
    check(x, v, g, norms, dLogits)
    precondition(dx.rows == x.rows && dx.columns == x.columns)
    precondition(dV.rows == v.rows && dV.columns == v.columns)
    let (width, count) = (v.columns, v.rows)
    multiply(dLogits, transposed: true, x, accumulate: true, into: dV, in: precision)
    compute(
      Product(
        m: x.rows, n: width, k: count, a: Factor(pointer(dLogits), stride: count),
        b: Factor(pointer(v), stride: width), target: .sums(pointer(dx), stride: width),
        precision: precision, scale: RowScale(gains: pointer(g), norms: pointer(norms))))
  }

  package func weightNormBackward(v: Matrix, g: Buffer, dV: Matrix, dG: Buffer) {
    precondition(dV.rows == v.rows && dV.columns == v.columns)
    precondition(g.count == v.rows && dG.count == v.rows)
    let width = v.columns
    let (directions, gains) = (pointer(v), pointer(g))
    let (dDirections, dGains) = (pointer(dV), pointer(dG))
    parallel(v.rows, cost: 4 * width) { prototypes in
      for k in prototypes {
        let row = directions + k * width
        rowBackward(
          width, v: row, g: gains[k], norm: dot(width, row, row).squareRoot(),
          dV: dDirections + k * width, dG: dGains + k)
      }
    }
  }

  private func check(_ x: Matrix, _ v: Matrix, _ g: Buffer, _ norms: Buffer, _ logits: Matrix) {
    precondition(x.columns == v.columns && logits.rows == x.rows && logits.columns == v.rows)
    precondition(g.count == v.rows && norms.count == v.rows)
  }
}

/// Computes the gradients of one row of w = g v / ‖v‖. dV holds the gradient by w, dw, and is
/// replaced by the gradient by v: (g / ‖v‖) (dw − v̂ (v̂ · dw)). dG += v̂ · dw.
@inline(__always)
private func rowBackward(
  _ width: Int, v: Pointer, g: Float, norm: Float, dV: Pointer, dG: Pointer
) {
  let along = dot(width, v, dV) / norm
  dG.pointee += along
  let factor = g / norm
  let radial = along / norm
  combine(width, dV, v, dV) { ($0 - $1 * radial) * factor }
}
