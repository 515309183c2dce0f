import Kernels

/// The activation of a product's result: y = activation(x), where x is
/// [rows, activation.columns × width]. Parts are computed as soon as their sums are complete.
struct ActivatedResult {
  let activation: Activation
  let x: Elements
  let y: Elements
  let width: Int

  /// Computes y[rows, columns].
  func compute(_ rows: Range<Int>, _ columns: Range<Int>) {
    for row in rows {
      let y = y.from(row * width + columns.lowerBound)
      let x = x.from(row * activation.columns * width + columns.lowerBound)
      switch activation {
      case .gelu:
        forEachVector(columns.count) { i, lanes in
          let x = x.load(i, lanes)
          y.store(x * cumulativeNormal(x), i, lanes)
        }
      case .swiglu:
        forEachVector(columns.count) { i, lanes in
          let gate = x.load(i, lanes)
          y.store(gate * sigmoid(gate) * x.load(width + i, lanes), i, lanes)
        }
      }
    }
  }
}

/// The gradient of y = activation(x) by x, from the gradient by y, which is given in parts.
/// Computes y again if it is not `nil`.
struct ActivationGradient {
  let activation: Activation
  let x: Elements
  let dx: Elements
  let y: Elements?
  let width: Int

  /// Computes the part of dx that belongs to dy[rows, columns].
  func compute(_ rows: Range<Int>, _ columns: Range<Int>, _ dy: Sums) {
    for row in rows {
      let offset = row * activation.columns * width + columns.lowerBound
      let (x, dx) = (x.from(offset), dx.from(offset))
      let y = y.map { $0.from(row * width + columns.lowerBound) }
      let dy = dy.data + (row - rows.lowerBound) * dy.stride
      switch activation {
      case .gelu: gelu(columns.count, dy, x, dx, y)
      case .swiglu: swiglu(columns.count, dy, x, dx, y)
      }
    }
  }

  private func gelu(_ count: Int, _ dy: Pointer, _ x: Elements, _ dx: Elements, _ y: Elements?) {
    forEachVector(count) { i, lanes in
      let x = x.load(i, lanes)
      let share = cumulativeNormal(x)
      let density = exp(x * x * -0.5) * 0.398942280
      dx.store(load(dy + i, lanes) * share.addingProduct(x, density), i, lanes)
      y?.store(x * share, i, lanes)
    }
  }

  private func swiglu(
    _ count: Int, _ dy: Pointer, _ x: Elements, _ dx: Elements, _ y: Elements?
  ) {
    forEachVector(count) { i, lanes in
      let d = load(dy + i, lanes)
      let gate = x.load(i, lanes)
      let value = x.load(width + i, lanes)
      let open = sigmoid(gate)
      let slope = open * (Vector.one.addingProduct(gate, 1 - open))
      dx.store(d * value * slope, i, lanes)
      dx.store(d * gate * open, width + i, lanes)
      y?.store(gate * open * value, i, lanes)
    }
  }
}

/// Returns Φ(x), the cumulative distribution of the standard normal distribution.
@inline(__always)
private func cumulativeNormal(_ x: Vector) -> Vector { (erf(x * 0.707106781) + 1) * 0.5 }

@inline(__always)
private func sigmoid(_ x: Vector) -> Vector { 1 / (exp(-x) + 1) }
