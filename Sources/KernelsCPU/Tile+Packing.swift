import CVector

/// Packs b [k, n], with rows `stride` apart, into panels. Columns past the last are zero. Whole
/// rows are read in the order of memory, which is fastest.
func packPanels(
  _ precision: Precision, k: Int, n: Int, _ b: Pointer, stride: Int, scale: RowScale? = nil,
  into panels: Panels
) {
  switch precision {
  case .fp32: packSingles(k, n, b, stride, scale, panels)
  case .bf16: packPairs(k, n, b, stride, scale, panels)
  }
}

private func packSingles(
  _ k: Int, _ n: Int, _ b: Pointer, _ stride: Int, _ scale: RowScale?, _ panels: Panels
) {
  for l in 0..<k {
    let (row, factor) = (b + l &* stride, Vector(repeating: scale.map { $0[l] } ?? 1))
    var target = panels.data + 16 &* l
    forEachVector(n) { i, lanes in
      store(load(row + i, lanes) * factor, target)
      target += panels.stride
    }
  }
}

/// Packs the transpose of b [n, k], with rows `stride` apart, into panels. Columns past the last
/// repeat the last.
func packTransposed(
  _ precision: Precision, k: Int, n: Int, _ b: Pointer, stride: Int, scale: RowScale? = nil,
  into panels: Panels
) {
  guard precision == .fp32 else { return packTransposedPairs(k, n, b, stride, scale, panels) }
  for column in Swift.stride(from: 0, to: padded(n), by: 4) {
    transpose(
      k, FourRows(b, stride: stride, first: column, of: n, scale: scale),
      into: panels.data + column / 16 &* panels.stride + column % 16)
  }
}

/// Transposes four rows of k elements, each multiplied by its factor, to k rows of four, 16 apart.
@inline(__always)
private func transpose(_ k: Int, _ source: FourRows, into target: Pointer) {
  let out = UnsafeMutableRawPointer(target)
  let (rows, scales) = (source.rows, source.scales)
  var i = 0
  while i &+ 4 <= k {
    let (a, b) = (quarter(rows.0 + i) * scales.x, quarter(rows.1 + i) * scales.y)
    let (c, d) = (quarter(rows.2 + i) * scales.z, quarter(rows.3 + i) * scales.w)
    let row = out + 64 &* i
    row.storeBytes(of: SIMD4(a.x, b.x, c.x, d.x), as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.y, b.y, c.y, d.y), toByteOffset: 64, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.z, b.z, c.z, d.z), toByteOffset: 128, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.w, b.w, c.w, d.w), toByteOffset: 192, as: SIMD4<Float>.self)
    i &+= 4
  }
  while i < k {
    let last = SIMD4(rows.0[i], rows.1[i], rows.2[i], rows.3[i]) * scales
    (out + 64 &* i).storeBytes(of: last, as: SIMD4<Float>.self)
    i &+= 1
  }
}

@inline(__always)
private func quarter(_ p: Pointer) -> SIMD4<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
}

/// Returns the distance between two tiles of `packSixes`, which includes some room after each.
func sixesStride(_ inner: Int) -> Int { 6 * inner + 16 }

/// Packs the transpose of a [inner, rows], with rows `stride` apart, into tiles of six rows,
/// `tileStride` apart. A tile has six elements for each index of the inner dimension.
func packSixes(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, tileStride: Int
) {
  // The number of tiles for which eight elements can be read and written instead of six. The next
  // index overwrites the other two, so the last index writes only six.
  let whole = rows < 8 ? 0 : (rows - 2) / 6
  for l in 0..<inner {
    let source = a + l &* stride
    var place = target + 6 &* l
    let eights = l < inner - 1 ? whole : 0
    for t in 0..<eights {
      let eight = UnsafeRawPointer(source + 6 &* t).loadUnaligned(as: SIMD8<Float>.self)
      UnsafeMutableRawPointer(place).storeBytes(of: eight, as: SIMD8<Float>.self)
      place += tileStride
    }
    for row in Swift.stride(from: 6 &* eights, to: rows, by: 6) {
      store(load(source + row, min(6, rows - row)), place, min(6, rows - row))
      place += tileStride
    }
  }
}
