// What tiles of a matrix product read.

/// `n` rounded up to whole panels.
@inline(__always)
func padded(_ n: Int) -> Int { (n + 15) & ~15 }

/// The left factor of a product, six rows at a time: element (6t + i, l) is at
/// data[t · tileStride + i · rowStride + l · innerStride].
struct LeftFactor {
  let data: Pointer
  let rowStride: Int
  let innerStride: Int
  let tileStride: Int

  /// A matrix as it lies in memory.
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

  /// The first of six rows from `row` on and the distances of the others; rows past the last
  /// repeat it.
  @inline(__always)
  func rows(_ row: Int, of count: Int) -> (Pointer, Int, Int, Int, Int, Int) {
    let last = count &- 1 &- row
    return (
      data + row / 6 &* tileStride, min(1, last) &* rowStride, min(2, last) &* rowStride,
      min(3, last) &* rowStride, min(4, last) &* rowStride, min(5, last) &* rowStride
    )
  }
}

/// The right factor, packed: element (l, j) is at data[j / 16 · stride + 16 · l + j mod 16]. What
/// stands past the last column has no effect on any other.
struct Panels {
  let data: Pointer
  let stride: Int
}

/// What a product is added to: a row repeated (stride 0), a matrix, or nothing.
struct Start {
  let data: Pointer?
  let stride: Int

  static var zero: Start { Start(data: nil, stride: 0) }

  /// From a row on.
  func from(_ row: Int) -> Start { Start(data: data.map { $0 + row * stride }, stride: stride) }

  /// Where an element is.
  @inline(__always)
  func pointer(_ row: Int, _ column: Int) -> Pointer? { data.map { $0 + row &* stride + column } }
}
