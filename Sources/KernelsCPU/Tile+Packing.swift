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

/// Packs the transpose of b [n, k], rows `stride` apart, into panels.
func packTransposed(k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels) {
  for column in Swift.stride(from: 0, to: padded(n), by: 4) {
    let target = panels.data + column / 16 &* panels.stride + column % 16
    let rows = min(4, n - column)
    if rows == 4 {
      transposeFour(k, b + column &* stride, stride, target)
    } else {
      transposeSome(k, max(0, rows), b + column &* stride, stride, target)
    }
  }
}

/// Four rows of k elements to k rows of four, 16 apart.
@inline(__always)
private func transposeFour(_ k: Int, _ source: Pointer, _ stride: Int, _ target: Pointer) {
  let (r0, r1) = (UnsafeRawPointer(source), UnsafeRawPointer(source + stride))
  let (r2, r3) = (UnsafeRawPointer(source + 2 &* stride), UnsafeRawPointer(source + 3 &* stride))
  let out = UnsafeMutableRawPointer(target)
  var i = 0
  while i &+ 4 <= k {
    let a = r0.loadUnaligned(fromByteOffset: 4 &* i, as: SIMD4<Float>.self)
    let b = r1.loadUnaligned(fromByteOffset: 4 &* i, as: SIMD4<Float>.self)
    let c = r2.loadUnaligned(fromByteOffset: 4 &* i, as: SIMD4<Float>.self)
    let d = r3.loadUnaligned(fromByteOffset: 4 &* i, as: SIMD4<Float>.self)
    let row = out + 64 &* i
    row.storeBytes(of: SIMD4(a.x, b.x, c.x, d.x), as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.y, b.y, c.y, d.y), toByteOffset: 64, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.z, b.z, c.z, d.z), toByteOffset: 128, as: SIMD4<Float>.self)
    row.storeBytes(of: SIMD4(a.w, b.w, c.w, d.w), toByteOffset: 192, as: SIMD4<Float>.self)
    i &+= 4
  }
  transposeSome(k - i, 4, source + i, stride, target + 16 &* i)
}

/// The same for fewer than four rows or elements; missing rows are zero.
private func transposeSome(
  _ k: Int, _ rows: Int, _ source: Pointer, _ stride: Int, _ target: Pointer
) {
  for row in 0..<4 {
    for i in 0..<k { target[16 &* i + row] = row < rows ? source[row &* stride + i] : 0 }
  }
}
