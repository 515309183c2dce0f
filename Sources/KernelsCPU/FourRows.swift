/// Four rows of a matrix and a factor for each. Rows past the last repeat the last.
struct FourRows {
  let rows: (Pointer, Pointer, Pointer, Pointer)
  let scales: SIMD4<Float>

  init(_ data: Pointer, stride: Int, first: Int, of count: Int, scale: RowScale?) {
    let (a, b) = (min(first, count &- 1), min(first &+ 1, count &- 1))
    let (c, d) = (min(first &+ 2, count &- 1), min(first &+ 3, count &- 1))
    rows = (data + a &* stride, data + b &* stride, data + c &* stride, data + d &* stride)
    scales = scale.map { SIMD4($0[a], $0[b], $0[c], $0[d]) } ?? .one
  }
}
