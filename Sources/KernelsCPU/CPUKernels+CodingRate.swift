import COpenBLAS
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func alignment(_ x: Matrix, targets: Matrix, weights: Buffer, losses: Buffer) {
    let width = x.columns
    rowLosses(x, targets: targets, weights: weights, losses: losses) { x, target, weight in
      let loss = -dot(width, x, target)
      combine(width, target, target, x) { t, _ in t * -weight }
      return loss
    }
  }

  package func codingRate(
    _ x: Matrix, with other: Matrix, scale: Double, weight: Double, gradientWeight: Double,
    dx: Matrix, to result: Scalar
  ) {
    let (rows, width) = (x.rows, x.columns)
    precondition(other.rows == rows && other.columns == width && dx.rows == rows)
    guard rows > 0 else { return }
    let size = min(rows, width)
    let work = UnsafeMutableRawPointer(sharedWorkspace(Self.codingRateWorkspace(rows, width)))
      .bindMemory(to: Double.self, capacity: rows * width + size * size)
    let (mean, gram) = (work, work + rows * width)
    let (student, teacher) = (pointer(x), pointer(other))
    for place in 0..<rows * width {
      mean[place] = (Double(student[place]) + Double(teacher[place])) / 2
    }
    // det(I + c FᵀF) = det(I + c FFᵀ); the smaller of both is decomposed.
    let ofRows = rows <= width
    cblas_dsyrk(
      CblasRowMajor, CblasLower, ofRows ? CblasNoTrans : CblasTrans, Int32(size),
      Int32(ofRows ? width : rows), scale, mean, Int32(width), 0, gram, Int32(size))
    for place in 0..<size { gram[place * size + place] += 1 }
    // The lower triangle by rows is the upper one by columns, which LAPACK reads.
    guard dino_cholesky(Int32(size), gram) == 0 else {
      pointer(result).pointee = .nan
      return
    }
    let rate = (0..<size).reduce(0.0) { $0 + log(gram[$1 * size + $1]) }
    pointer(result).pointee -= weight * rate
    solve(gram, size, mean, rows, width, ofRows)
    let (gradient, slope) = (pointer(dx), -gradientWeight * weight * scale / 2)
    for place in 0..<rows * width { gradient[place] += Float(slope * mean[place]) }
  }

  /// Replaces F by (I + c FFᵀ)⁻¹ F = F (I + c FᵀF)⁻¹, from the Cholesky factor of one of them.
  private func solve(
    _ factor: UnsafeMutablePointer<Double>, _ size: Int, _ values: UnsafeMutablePointer<Double>,
    _ rows: Int, _ width: Int, _ ofRows: Bool
  ) {
    for transposed in [!ofRows, ofRows] {
      cblas_dtrsm(
        CblasRowMajor, ofRows ? CblasLeft : CblasRight, CblasLower,
        transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, Int32(rows), Int32(width), 1,
        factor, Int32(size), values, Int32(width))
    }
  }

  /// The workspace of `codingRate` in elements of 32 bits.
  static func codingRateWorkspace(_ rows: Int, _ width: Int) -> Int {
    let size = min(rows, width)
    return 2 * (rows * width + size * size)
  }
}
