/// Packs b [k, n], rows `stride` apart, into panels; columns past the last are zero.
func packPanels(k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels) {
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
func packTransposed(k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels) {
  let last = n - 1
  for column in Swift.stride(from: 0, to: padded(n), by: 4) {
    let target = panels.data + column / 16 &* panels.stride + column % 16
    transposeFour(
      k, b + min(column, last) &* stride, b + min(column + 1, last) &* stride,
      b + min(column + 2, last) &* stride, b + min(column + 3, last) &* stride, into: target)
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
