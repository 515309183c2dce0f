import Kernels

extension CPUKernels: PairKernels {
  package func scanError(width: Int) -> Float {
    // Both factors of a product are rounded by at most 2⁻⁹ of themselves, and each of the sums by
    // at most 2⁻²⁴ of the sum of absolute products.
    let rounding: Float = precision == .bf16 ? 0x1p-8 + 0x1p-18 : 0
    return rounding + Float(width + 1) * 0x1p-23
  }

  package func prepare(_ rows: HostRows) -> PreparedRows {
    guard precision == .bf16 else { return PreparedRows(rows, stride: 0) }
    let distance = pairStride(rows.width)
    let prepared = PreparedRows(rows, stride: distance)
    let (source, target) = (Pointer(mutating: rows.data), prepared.rounded!)
    parallel(rows.count, cost: rows.width) { range in
      packRows(
        rows: range.count, inner: rows.width, source + range.lowerBound * rows.width,
        stride: rows.width, into: target + range.lowerBound * distance, distance: distance)
    }
    return prepared
  }

  package func scan(
    _ rows: PreparedRows, _ range: Range<Int>, _ columns: HostRows,
    bias: UnsafePointer<Float>?, limits: UnsafePointer<Float>, slack: Float?,
    found: (UnsafeBufferPointer<FoundPair>) -> Void
  ) {
    let width = columns.width
    precondition(rows.rows.width == width && range.upperBound <= rows.rows.count)
    let left =
      rows.rounded.map {
        Factor($0 + range.lowerBound * rows.stride, stride: 2 * rows.stride, element: .bf16)
      } ?? Factor(Pointer(mutating: rows.rows.data) + range.lowerBound * width, stride: width)
    withoutActuallyEscaping(found) { found in
      compute(
        Product(
          m: range.count, n: columns.count, k: width, a: left,
          b: Factor(Pointer(mutating: columns.data), stride: width, transposed: true),
          start: Start(data: bias.map { Pointer(mutating: $0) }, stride: 0),
          target: .pairs(PairScan(limits: limits, slack: slack, found: found)),
          precision: precision))
    }
  }
}
