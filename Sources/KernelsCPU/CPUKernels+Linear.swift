import Kernels
import Tensor

extension CPUKernels {
  package func linear(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix) {
    compute(product(x, weight: weight, bias: bias, into: y))
  }

  package func linearInputGradient(_ dy: Matrix, weight: Matrix, dx: Matrix) {
    multiply(dy, transposed: false, weight, accumulate: false, into: dx, in: precision)
  }

  package func linearParameterGradients(
    _ dy: Matrix, x: Matrix, dWeight: Matrix, dBias: Buffer?
  ) {
    multiply(dy, transposed: true, x, accumulate: true, into: dWeight, in: precision)
    if let dBias { addColumnSums(dy, to: dBias) }
  }

  package func multiply(
    _ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix
  ) {
    multiply(a, transposed: transposed, b, accumulate: accumulate, into: y, in: .fp32)
  }

  /// Multiplies like the method above, with factors rounded to `precision`.
  func multiply(
    _ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix,
    in precision: Precision
  ) {
    let inner = transposed ? a.rows : a.columns
    let rows = transposed ? a.columns : a.rows
    precondition(b.rows == inner && y.rows == rows && y.columns == b.columns)
    compute(
      Product(
        m: rows, n: b.columns, k: inner,
        a: factor(a, transposed: transposed), b: factor(b),
        start: accumulate ? Start(data: pointer(y), stride: y.columns) : .zero,
        target: .sums(pointer(y), stride: y.columns), precision: precision))
  }

  /// Returns the product y = x · weightᵀ + bias, without computing it.
  func product(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix) -> Product {
    precondition(x.columns == weight.columns && y.columns == weight.rows && x.rows == y.rows)
    precondition(bias == nil || bias!.count == weight.rows)
    return Product(
      m: x.rows, n: y.columns, k: x.columns, a: factor(x),
      b: Factor(pointer(weight), stride: weight.columns, transposed: true),
      start: Start(data: bias.map(pointer), stride: 0),
      target: ProductTarget(pointer(y.buffer), stride: y.columns, y.element), precision: precision)
  }

  /// Returns a matrix as a factor of a product.
  func factor(_ matrix: Matrix, transposed: Bool = false) -> Factor {
    precondition(matrix.element == .fp32 || precision == .bf16)
    return Factor(
      pointer(matrix.buffer), stride: matrix.columns, transposed: transposed,
      element: matrix.element)
  }

  /// Adds the sum of the rows of `x` to `sums`.
  private func addColumnSums(_ x: Matrix, to sums: Buffer) {
    precondition(sums.count == x.columns)
    let source = elements(x)
    let width = x.columns
    let partials = partialSums(x.rows, width: width) { rows, partial in
      for row in rows {
        forEachVector(width) { i, lanes in
          let sum = load(partial + i, lanes) + source.load(row * width + i, lanes)
          store(sum, partial + i, lanes)
        }
      }
    }
    add(partials, from: 0, count: width, to: pointer(sums))
  }
}
