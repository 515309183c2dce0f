import CVector
import Tensor

extension CPUKernels {
  /// Whether this build uses the processor's instructions for products of bfloat16. Without them
  /// `bf16` works too, but is slow.
  package static var hasBF16Units: Bool { dino_bf16_units() != 0 }

  /// Multiplies a few matrices as training does, compares the products with a plain loop in double
  /// precision, then checks eigenvalues computed by OpenBLAS. A program built for another machine,
  /// or OpenBLAS 0.3.21 on newer processors, would silently compute wrong numbers. Takes some
  /// milliseconds. Returns `nil` if all is well, otherwise what is wrong and how to repair it.
  package static func selfCheck() -> String? {
    let kernels = CPUKernels(pool: WorkerPool(threads: 1))
    for precision in hasBF16Units ? Precision.allCases : [.fp32] {
      if let problem = kernels.productProblem(precision) { return problem }
    }
    let error = kernels.eigenvalueError(96)
    guard error < 1e-3 else {
      return "OpenBLAS computes wrong eigenvalues on this processor (error \(error)); "
        + "set OPENBLAS_CORETYPE=Haswell or SkylakeX in the environment"
    }
    return nil
  }

  /// Multiplies matrices of several shapes, each factor transposed or not. Returns `nil` if all
  /// products are right.
  private func productProblem(_ precision: Precision) -> String? {
    let shapes = [(1, 1, 1), (7, 19, 5), (33, 50, 31), (256, 256, 256), (10, 300, 9), (5, 6, 900)]
    for (m, n, k) in shapes {
      for layout in 0..<4 {
        let (turnA, turnB) = (layout & 1 == 1, layout & 2 == 2)
        let error = productError(m, n, k, turnA, turnB, precision)
        guard error < (precision == .fp32 ? 1e-5 : 1e-2) else {
          return
            "matrix products in \(precision.rawValue) are wrong on this processor "
            + "(\(m) × \(n) × \(k), error \(error)); "
            + "build dinod again on this machine: make clean build"
        }
      }
    }
    return nil
  }

  /// Computes the eigenvalues of a random symmetric matrix. Returns the relative error of their
  /// sum, which should be the trace, plus that of the sum of their squares, which should be the sum
  /// of the squared elements.
  private func eigenvalueError(_ size: Int) -> Double {
    var random = CounterRandom(seed: 1, use: .test, size)
    var matrix = [Float](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        matrix[i * size + j] = random.uniform(-1, 1) + (i == j ? 2 : 0)
        matrix[j * size + i] = matrix[i * size + j]
      }
    }
    let trace = (0..<size).reduce(0.0) { $0 + Double(matrix[$1 * size + $1]) }
    let squares = matrix.reduce(0.0) { $0 + Double($1) * Double($1) }
    let values = eigenvalues(&matrix, size).map(Double.init)
    let sumError = abs(values.reduce(0, +) / trace - 1)
    let squareError = abs(values.reduce(0) { $0 + $1 * $1 } / squares - 1)
    return sumError + squareError
  }

  /// Returns the largest error of a product of random numbers within ±1, divided by k.
  private func productError(
    _ m: Int, _ n: Int, _ k: Int, _ turnA: Bool, _ turnB: Bool, _ precision: Precision
  ) -> Float {
    var random = CounterRandom(seed: 1, use: .test, m, n, k)
    var a = (0..<m * k).map { _ in random.uniform(-1, 1) }
    var b = (0..<k * n).map { _ in random.uniform(-1, 1) }
    var c = [Float](repeating: .nan, count: m * n)
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeMutableBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          compute(
            Product(
              m: m, n: n, k: k,
              a: Factor(a.baseAddress!, stride: turnA ? m : k, transposed: turnA),
              b: Factor(b.baseAddress!, stride: turnB ? k : n, transposed: turnB),
              target: .sums(c.baseAddress!, stride: n), precision: precision))
        }
      }
    }
    var worst: Float = 0
    var row = [Double](repeating: 0, count: n)
    // In steps of 17 rows, so that every row of a tile of six is checked.
    for i in stride(from: 0, to: m, by: m > 64 ? 17 : 1) {
      for j in 0..<n { row[j] = 0 }
      for l in 0..<k {
        let left = Double(turnA ? a[l * m + i] : a[i * k + l])
        for j in 0..<n { row[j] += left * Double(turnB ? b[j * k + l] : b[l * n + j]) }
      }
      for j in 0..<n {
        let error = abs(c[i * n + j] - Float(row[j])) / Float(k)
        if !(error <= worst) { worst = error }
      }
    }
    return worst
  }
}
