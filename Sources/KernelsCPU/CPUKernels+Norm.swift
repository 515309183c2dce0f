import Kernels
import Tensor

extension CPUKernels {
  package func layerNorm(
    _ x: Matrix, rows: Indices?, weight: Buffer, bias: Buffer, eps: Float, normalised: Matrix,
    rstd: Buffer, into y: Matrix
  ) {
    precondition((rows?.count ?? x.rows) == y.rows && x.columns == y.columns)
    precondition(normalised.rows == y.rows && normalised.columns == y.columns)
    precondition(rstd.count >= y.rows && weight.count == x.columns && bias.count == x.columns)
    let width = x.columns
    let (from, chosen, inverse) = (pointer(x), rows.map(pointer), pointer(rstd))
    let (gain, offset) = (pointer(weight), pointer(bias))
    let (kept, out) = (elements(normalised), elements(y))
    parallel(y.rows, cost: width) { range in
      for row in range {
        let source = from + (chosen.map { Int($0[row]) } ?? row) * width
        let mean = accumulate(width, source) { $0 } / Float(width)
        let squares = accumulate(width, source, fill: mean) { ($0 - mean) * ($0 - mean) }
        let factor = 1 / (squares / Float(width) + eps).squareRoot()
        inverse[row] = factor
        forEachVector(width) { i, lanes in
          let unit = (load(source + i, lanes) - mean) * factor
          let value = load(offset + i, lanes).addingProduct(unit, load(gain + i, lanes))
          kept.store(unit, row * width + i, lanes)
          out.store(value, row * width + i, lanes)
        }
      }
    }
  }

  package func layerNormOutput(
    _ normalised: Matrix, weight: Buffer, bias: Buffer, into y: Matrix
  ) {
    precondition(normalised.rows == y.rows && normalised.columns == y.columns)
    precondition(weight.count == y.columns && bias.count == y.columns)
    let width = y.columns
    let (from, gain, offset, to) = (
      elements(normalised), pointer(weight), pointer(bias), elements(y)
    )
    parallel(y.rows, cost: width) { range in
      for row in range {
        let first = row * width
        forEachVector(width) { i, lanes in
          let value = load(offset + i, lanes).addingProduct(
            from.load(first + i, lanes), load(gain + i, lanes))
          to.store(value, first + i, lanes)
        }
      }
    }
  }

  package func layerNormBackward(
    _ dy: Matrix, normalised: Matrix, rstd: Buffer, weight: Buffer, rows: Indices?, dx: Matrix,
    dWeight: Buffer, dBias: Buffer
  ) {
    precondition((rows?.count ?? dx.rows) == dy.rows && dx.columns == dy.columns)
    precondition(normalised.rows == dy.rows && normalised.columns == dy.columns)
    let width = dy.columns
    let (from, kept, inverse) = (pointer(dy), elements(normalised), pointer(rstd))
    let (gain, to, chosen) = (pointer(weight), pointer(dx), rows.map(pointer))
    let sums = partialSums(dy.rows, width: 2 * width) { range, partial in
      for row in range {
        layerNormBackwardRow(
          width, from + row * width, unit: kept.from(row * width), rstd: inverse[row], weight: gain,
          dx: to + (chosen.map { Int($0[row]) } ?? row) * width, dWeight: partial,
          dBias: partial + width)
      }
    }
    add(sums, from: 0, count: width, to: pointer(dWeight))
    add(sums, from: width, count: width, to: pointer(dBias))
  }
}

/// Computes the gradients of one row. With g = dy · weight and u the normalised row:
/// dx += rstd · (g − mean(g) − u · mean(g · u)).
@inline(__always)
private func layerNormBackwardRow(
  _ width: Int, _ dy: Pointer, unit: Elements, rstd: Float, weight: Pointer, dx: Pointer,
  dWeight: Pointer, dBias: Pointer
) {
  var total = Vector.zero
  var projected = Vector.zero
  forEachVector(width) { i, lanes in
    let d = load(dy + i, lanes)
    let u = unit.load(i, lanes)
    let g = d * load(weight + i, lanes)
    total += g
    projected.addProduct(g, u)
    store(load(dWeight + i, lanes).addingProduct(d, u), dWeight + i, lanes)
    store(load(dBias + i, lanes) + d, dBias + i, lanes)
  }
  let mean = sumOfLanes(total) / Float(width)
  let slope = sumOfLanes(projected) / Float(width)
  forEachVector(width) { i, lanes in
    let g = load(dy + i, lanes) * load(weight + i, lanes) - mean
    let change = g - unit.load(i, lanes) * slope
    store(load(dx + i, lanes).addingProduct(change, Vector(repeating: rstd)), dx + i, lanes)
  }
}
