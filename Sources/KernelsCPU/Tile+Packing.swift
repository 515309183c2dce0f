import CVector

/// Packs b [k, n], rows `stride` apart, into panels; columns past the last are zero.
func packPanels(
  _ precision: Precision, k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels
) {
  guard precision == .fp32 else { return packPairs(k: k, n: n, b, stride: stride, into: panels) }
  var column = 0
  while column < n {
    let lanes = min(16, n - column)
    var source = b + column
    var target = panels.data + column / 16 &* panels.stride
    for _ in 0..<k {
      store(load(source, lanes), target)
      source += stride
      target += 16
    }
    column += 16
  }
}

/// Packs the transpose of b [n, k], rows `stride` apart, into panels; columns past the last repeat it.
func packTransposed(
  _ precision: Precision, k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels
) {
  let last = n - 1
  for column in Swift.stride(from: 0, to: padded(n), by: 4) {
    let target = panels.data + column / 16 &* panels.stride + column % 16
    let rows = (
      b + min(column, last) &* stride, b + min(column + 1, last) &* stride,
      b + min(column + 2, last) &* stride, b + min(column + 3, last) &* stride
    )
    switch precision {
    case .fp32: transposeFour(k, rows.0, rows.1, rows.2, rows.3, into: target)
    case .bf16: transposeFourPairs(k, rows.0, rows.1, rows.2, rows.3, into: target)
    }
  }
}

/// Four rows of k elements to k rows of four, 16 apart.
@inline(__always)
private func transposeFour(
  _ k: Int, _ r0: Pointer, _ r1: Pointer, _ r2: Pointer, _ r3: Pointer, into target: Pointer
) {
  let out = UnsafeMutableRawPointer(target)
  var i = 0
  while i &+ 4 <= k {
    let (a, b, c, d) = (four(r0 + i), four(r1 + i), four(r2 + i), four(r3 + i))
    let row = out + 64 &* i
    row.storeBytes(of: SIMD4(a.x, b.x, c.x, d.x), as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.y, b.y, c.y, d.y), toByteOffset: 64, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.z, b.z, c.z, d.z), toByteOffset: 128, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.w, b.w, c.w, d.w), toByteOffset: 192, as: SIMD4<Float>.self)
    i &+= 4
  }
  while i < k {
    (out + 64 &* i).storeBytes(of: SIMD4(r0[i], r1[i], r2[i], r3[i]), as: SIMD4<Float>.self)
    i &+= 1
  }
}

@inline(__always)
private func four(_ p: Pointer) -> SIMD4<Float> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
}

/// The distance of two tiles that `packSixes` has packed: the last of one may spill two elements.
func sixesStride(_ inner: Int) -> Int { 6 * inner + 16 }

/// Packs the transpose of a [inner, rows], rows `stride` apart, into tiles of six rows, each of
/// them element after element.
func packSixes(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer
) -> LeftFactor {
  let tile = sixesStride(inner)
  // Tiles of which eight rows may be read for six; all may be written so.
  let whole = rows < 8 ? 0 : (rows - 2) / 6
  for l in 0..<inner {
    let source = a + l &* stride
    var place = target + 6 &* l
    // The rows of a lie too far apart for the processor to foresee.
    for line in Swift.stride(from: 0, to: rows, by: 16) {
      dino_prefetch(source + 24 &* stride + line)
    }
    for t in 0..<whole {
      let eight = UnsafeRawPointer(source + 6 &* t).loadUnaligned(as: SIMD8<Float>.self)
      UnsafeMutableRawPointer(place).storeBytes(of: eight, as: SIMD8<Float>.self)
      place += tile
    }
    for row in Swift.stride(from: 6 &* whole, to: rows, by: 6) {
      store(load(source + row, min(6, rows - row)), place, 6)
      place += tile
    }
  }
  return LeftFactor(data: target, rowStride: 1, innerStride: 6, tileStride: tile)
}
