// The operands of the tiles of a matrix product.

/// Returns `n` rounded up to whole panels, a multiple of 16.
@inline(__always)
func padded(_ n: Int) -> Int { (n + 15) & ~15 }

/// The left factor of a product, six rows at a time: element (6t + i, l) is at
/// data[t · tileStride + i · rowStride + l · innerStride].
struct LeftFactor {
  let data: Pointer
  let rowStride: Int
  let innerStride: Int
  let tileStride: Int

  /// Creates a left factor that is read in place.
  init(data: Pointer, rowStride: Int, innerStride: Int) {
    self.init(
      data: data, rowStride: rowStride, innerStride: innerStride, tileStride: 6 * rowStride)
  }

  init(data: Pointer, rowStride: Int, innerStride: Int, tileStride: Int) {
    self.data = data
    self.rowStride = rowStride
    self.innerStride = innerStride
    self.tileStride = tileStride
  }

  /// Returns the address of row `row`, the first of six, and the distances of the other five from
  /// it. Rows past the last repeat the last.
  @inline(__always)
  func rows(_ row: Int, of count: Int) -> (Pointer, Int, Int, Int, Int, Int) {
    let last = count &- 1 &- row
    return (
      data + row / 6 &* tileStride, min(1, last) &* rowStride, min(2, last) &* rowStride,
      min(3, last) &* rowStride, min(4, last) &* rowStride, min(5, last) &* rowStride
    )
  }
}

/// The right factor, packed: element (l, j) is at data[j / 16 · stride + 16 · l + j mod 16].
/// Columns past the last do not affect the others.
struct Panels {
  let data: Pointer
  let stride: Int
}

/// What a product is added to: one row for all (stride 0), a matrix, or zero (`data` is `nil`).
struct Start {
  let data: Pointer?
  let stride: Int

  static var zero: Start { Start(data: nil, stride: 0) }

  /// Returns the start from a row on.
  func from(_ row: Int) -> Start { Start(data: data.map { $0 + row * stride }, stride: stride) }

  /// Returns the address of an element; `nil` if the start is zero.
  @inline(__always)
  func pointer(_ row: Int, _ column: Int) -> Pointer? { data.map { $0 + row &* stride + column } }
}
