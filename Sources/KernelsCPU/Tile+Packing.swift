import CVector

/// Packs b [k, n], rows `stride` apart, into panels; columns past the last are zero. Rows are read
/// from end to end, as memory gives them fastest.
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

/// Packs the transpose of b [n, k], rows `stride` apart, into panels; columns past the last repeat it.
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

/// Four rows of k elements to k rows of four, 16 apart.
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

/// The distance of two tiles that `packSixes` has packed: the last of one may spill two elements.
func sixesStride(_ inner: Int) -> Int { 6 * inner + 16 }

/// Packs the transpose of a [inner, rows], rows `stride` apart, into tiles of six rows, each of
/// them element after element, `tileStride` apart.
func packSixes(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, tileStride: Int
) {
  // Tiles of which eight rows may be read for six; all but the last elements may be written so.
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
