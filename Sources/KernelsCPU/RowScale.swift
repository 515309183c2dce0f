/// A factor for each row of a matrix: g / ‖v‖ of weight normalisation.
struct RowScale {
  let gains: Pointer
  let norms: Pointer

  @inline(__always)
  subscript(row: Int) -> Float { gains[row] / norms[row] }

  /// Returns the factors from a row on.
  func from(_ row: Int) -> RowScale { RowScale(gains: gains + row, norms: norms + row) }
}
