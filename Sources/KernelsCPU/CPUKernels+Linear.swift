import COpenBLAS
import Kernels
import Tensor

extension CPUKernels {
  /// Rows of a product that one worker computes at a time: enough that packing the other factor is
  /// cheap beside the product, few enough that a small product still has a part for everybody.
  private func rowsPerChunk(_ rows: Int, _ columns: Int, _ inner: Int) -> Int {
    let operations = 2.0 * Double(rows) * Double(columns) * Double(inner)
    let enough = min(4, Int(operations / 1e6))
    let chunks = max(1, min(64, max(rows / 192, enough)))
    let size = (rows + chunks - 1) / chunks
    return (size + 7) / 8 * 8
  }

  /// c [m, n] = alpha · op(a) · op(b) + beta · c, rows of c shared among the workers.
  func product(
    m: Int, n: Int, k: Int, a: Pointer, lda: Int, transposeA: Bool, b: Pointer, ldb: Int,
    transposeB: Bool, beta: Float, c: Pointer, ldc: Int, before: (Range<Int>) -> Void = { _ in }
  ) {
    guard m > 0 && n > 0 else { return }
    floatingPointOperations += 2 * Double(m) * Double(n) * Double(k)
    let size = rowsPerChunk(m, n, k)
    pool.run(chunks: (m + size - 1) / size) { chunk, _ in
      let rows = chunk * size..<min(m, (chunk + 1) * size)
      before(rows)
      cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
        transposeB ? CblasTrans : CblasNoTrans, Int32(rows.count), Int32(n), Int32(k), 1,
        transposeA ? a + rows.lowerBound : a + rows.lowerBound * lda, Int32(lda), b, Int32(ldb),
        beta, c + rows.lowerBound * ldc, Int32(ldc))
    }
  }

  package func linear(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix) {
    precondition(x.columns == weight.columns && y.columns == weight.rows && x.rows == y.rows)
    let out = pointer(y)
    let width = y.columns
    let biases = bias.map(pointer)
    product(
      m: x.rows, n: width, k: x.columns, a: pointer(x), lda: x.columns, transposeA: false,
      b: pointer(weight), ldb: weight.columns, transposeB: true, beta: bias == nil ? 0 : 1, c: out,
      ldc: width
    ) { rows in
      guard let biases else { return }
      for row in rows { (out + row * width).update(from: biases, count: width) }
    }
  }

  package func linearBackward(
    _ dy: Matrix, x: Matrix, weight: Matrix, dx: Matrix?, dWeight: Matrix, dBias: Buffer?
  ) {
    precondition(dy.rows == x.rows && dy.columns == weight.rows && x.columns == weight.columns)
    if let dx { multiply(dy, transposed: false, weight, accumulate: false, into: dx) }
    multiply(dy, transposed: true, x, accumulate: true, into: dWeight)
    if let dBias { addColumnSums(dy, to: dBias) }
  }

  package func multiply(
    _ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix
  ) {
    let inner = transposed ? a.rows : a.columns
    let rows = transposed ? a.columns : a.rows
    precondition(b.rows == inner && y.rows == rows && y.columns == b.columns)
    if inner == 0 {
      if !accumulate { fill(y.buffer, with: 0) }
      return
    }
    product(
      m: rows, n: b.columns, k: inner, a: pointer(a), lda: a.columns, transposeA: transposed,
      b: pointer(b), ldb: b.columns, transposeB: false, beta: accumulate ? 1 : 0, c: pointer(y),
      ldc: y.columns)
  }

  /// sums += the sum of the rows; cut by columns, rows added in their order.
  func addColumnSums(_ x: Matrix, to sums: Buffer) {
    let source = pointer(x)
    let target = pointer(sums)
    let width = x.columns
    parallel(width, cost: x.rows, grain: max(16_384, 64 * x.rows)) { columns in
      for row in 0..<x.rows {
        combine(
          columns.count, source + row * width + columns.lowerBound, target + columns.lowerBound,
          target + columns.lowerBound
        ) { $0 + $1 }
      }
    }
  }
}
