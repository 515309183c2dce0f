import Tensor

extension CPUKernels {
  /// Multiplies a few matrices as training does and compares them with a plain loop in double
  /// precision: a program built for another machine, or a faulty one, would spoil a run silently.
  /// Some milliseconds. Nil where all is well, otherwise what is wrong and the remedy.
  package static func selfCheck() -> String? {
    let kernels = CPUKernels(pool: WorkerPool(threads: 1))
    let shapes = [(1, 1, 1), (7, 19, 5), (33, 50, 31), (256, 256, 256), (10, 300, 9), (5, 6, 900)]
    for (m, n, k) in shapes {
      for layout in 0..<4 {
        let (turnA, turnB) = (layout & 1 == 1, layout & 2 == 2)
        let error = kernels.productError(m, n, k, turnA, turnB)
        if !(error < 1e-5) {
          return
            "matrix products are wrong on this processor (\(m) × \(n) × \(k), error \(error)); "
            + "build dinod again on this machine: make clean build"
        }
      }
    }
    return nil
  }

  /// The largest error of a product of numbers in ±1, over the inner dimension.
  private func productError(_ m: Int, _ n: Int, _ k: Int, _ turnA: Bool, _ turnB: Bool) -> Float {
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
              c: c.baseAddress!, stride: n))
        }
      }
    }
    var worst: Float = 0
    var row = [Double](repeating: 0, count: n)
    // Seventeen rows apart: every place in a tile of six is met.
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
