import COpenBLAS
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func effectiveRank(_ x: Matrix, into result: Scalar) {
    pointer(result).pointee = effectiveRank(x)
  }

  private func effectiveRank(_ x: Matrix) -> Double {
    let (rows, width) = (x.rows, x.columns)
    guard rows > 1 && width > 0 else { return 0 }
    var (centered, _, energy) = withoutMean(x)
    let size = min(rows, width)
    var gram = gram(&centered, rows, width, ofRows: rows < width)
    let trace = (0..<size).reduce(0.0) { $0 + Double(gram[$1 * size + $1]) }
    guard trace.isFinite else { return .nan }
    // If all rows are equal, only the rounding error of the mean is left.
    guard trace > 1e-12 * energy else { return 0 }
    var entropy = 0.0
    for value in eigenvalues(&gram, size) where value > 0 {
      let share = Double(value) / trace
      entropy -= share * log(share)
    }
    return exp(entropy)
  }

  package func spectrum(_ x: Matrix, isCentred: Bool) -> [Double] {
    let (rows, width, source) = (x.rows, x.columns, pointer(x))
    precondition(rows > 0 && width > 0)
    var values = (0..<x.buffer.count).map { Double(source[$0]) }
    if isCentred {
      for column in 0..<width {
        let places = stride(from: column, to: values.count, by: width)
        let mean = places.reduce(0) { $0 + values[$1] } / Double(rows)
        for place in places { values[place] -= mean }
      }
    }
    guard values.allSatisfy(\.isFinite) else { return Array(repeating: .nan, count: width) }
    // Both Gram matrices have the same values but for zeros; that of the smaller size is decomposed.
    let size = min(rows, width)
    var gram = doubleGram(&values, rows, width, ofRows: rows < width)
    var found = [Double](repeating: 0, count: size)
    var work = [Double](repeating: 0, count: 64 * size)
    let info = dino_double_eigenvalues(Int32(size), &gram, &found, &work, Int32(work.count))
    guard info == 0 else { return Array(repeating: .nan, count: width) }
    return found.reversed() + Array(repeating: 0, count: width - size)
  }

  /// Returns the Gram matrix of the rows or of the columns: the triangle that LAPACK reads.
  private func doubleGram(
    _ values: inout [Double], _ rows: Int, _ width: Int, ofRows: Bool, scale: Double = 1
  ) -> [Double] {
    let size = ofRows ? rows : width
    var gram = [Double](repeating: 0, count: size * size)
    // The lower triangle by rows is the upper one by columns, which LAPACK reads.
    cblas_dsyrk(
      CblasRowMajor, CblasLower, ofRows ? CblasNoTrans : CblasTrans, Int32(size),
      Int32(ofRows ? width : rows), scale, &values, Int32(width), 0, &gram, Int32(size))
    return gram
  }

  package func discriminantSpectrum(_ x: Matrix, each: Int, ridge: Double) -> [Double] {
    let (classes, width, source) = (x.rows / each, x.columns, pointer(x))
    precondition(x.rows == classes * each && classes > 1 && each > 1)
    var within = (0..<x.buffer.count).map { Double(source[$0]) }
    guard within.allSatisfy(\.isFinite) else { return Array(repeating: .nan, count: width) }
    var means = [Double](repeating: 0, count: classes * width)
    for place in within.indices {
      means[place / width / each * width + place % width] += within[place] / Double(each)
    }
    for place in within.indices {
      within[place] -= means[place / width / each * width + place % width]
    }
    for column in 0..<width {
      let places = stride(from: column, to: means.count, by: width)
      let mean = places.reduce(0) { $0 + means[$1] } / Double(classes)
      for place in places { means[place] -= mean }
    }
    var between = doubleGram(
      &means, classes, width, ofRows: false, scale: 1 / Double(classes - 1))
    var scatter = doubleGram(
      &within, x.rows, width, ofRows: false, scale: 1 / Double(classes * (each - 1)))
    for column in 0..<width { scatter[column * width + column] += ridge }
    var found = [Double](repeating: 0, count: width)
    var work = [Double](repeating: 0, count: 64 * width)
    let info = dino_generalised_eigenvalues(
      Int32(width), &between, &scatter, &found, &work, Int32(work.count))
    return info == 0 ? found.reversed() : Array(repeating: .nan, count: width)
  }

  package func principalComponents(_ x: Matrix, count: Int) -> PrincipalComponents {
    let (rows, width) = (x.rows, x.columns)
    precondition(rows > 1 && (1...width).contains(count))
    var (centered, mean, _) = withoutMean(x)
    var axes = gram(&centered, rows, width, ofRows: false)
    var values = [Float](repeating: 0, count: width)
    var work = [Float](repeating: 0, count: 64 * width)
    let info = dino_eigenvectors(Int32(width), &axes, &values, &work, Int32(work.count))
    if info != 0 { axes = [Float](repeating: .nan, count: width * width) }
    // LAPACK returns eigenvalues in ascending order.
    let order = (width - count..<width).reversed()
    return PrincipalComponents(
      mean: mean.map(Float.init),
      directions: order.map { Array(axes[$0 * width..<($0 + 1) * width]) },
      variances: order.map { max(0, values[$0]) / Float(rows - 1) },
      totalVariance: values.reduce(0) { $0 + max(0, $1) } / Float(rows - 1))
  }

  /// Returns the Gram matrix of the rows, or that of the columns.
  private func gram(
    _ values: inout [Float], _ rows: Int, _ width: Int, ofRows: Bool
  ) -> [Float] {
    let size = ofRows ? rows : width
    var gram = [Float](repeating: 0, count: size * size)
    values.withUnsafeMutableBufferPointer { values in
      gram.withUnsafeMutableBufferPointer { target in
        let plain = Factor(values.baseAddress!, stride: width)
        let turned = Factor(values.baseAddress!, stride: width, transposed: true)
        compute(
          Product(
            m: size, n: size, k: ofRows ? width : rows, a: ofRows ? plain : turned,
            b: ofRows ? turned : plain, target: .sums(target.baseAddress!, stride: size)))
      }
    }
    return gram
  }

  /// Returns the rows minus their mean, the mean, and Σ x² of the original rows.
  private func withoutMean(_ x: Matrix) -> (rows: [Float], mean: [Double], energy: Double) {
    let source = pointer(x)
    var mean = [Double](repeating: 0, count: x.columns)
    var energy = 0.0
    for row in 0..<x.rows {
      for column in 0..<x.columns {
        let value = Double(source[row * x.columns + column])
        mean[column] += value / Double(x.rows)
        energy += value * value
      }
    }
    let rows = (0..<x.buffer.count).map { Float(Double(source[$0]) - mean[$0 % x.columns]) }
    return (rows, mean, energy)
  }

  /// Returns the eigenvalues of a symmetric matrix, in ascending order; NaN if LAPACK fails. The
  /// matrix is destroyed.
  func eigenvalues(_ matrix: inout [Float], _ size: Int) -> [Float] {
    var values = [Float](repeating: 0, count: size)
    var work = [Float](repeating: 0, count: 64 * size)
    let info = dino_eigenvalues(Int32(size), &matrix, &values, &work, Int32(work.count))
    return info == 0 ? values : [Float](repeating: .nan, count: size)
  }
}
