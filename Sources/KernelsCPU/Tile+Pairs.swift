import CVector

// Packing for bfloat16: two neighbours of the inner dimension share a slot, and a zero fills up the
// last one.

/// Slots of a row of `k` elements that `leftRows` writes; the last vector may spill.
func pairStride(_ k: Int) -> Int { (k + 15) / 16 * 8 }

/// One panel: k rows of `lanes` elements, two to one.
@inline(__always)
func packPairs(
  _ k: Int, _ b: Pointer, _ lanes: Int, _ stride: Int, _ scale: RowScale?, _ target: Pointer
) {
  @inline(__always)
  func row(_ l: Int) -> Vector {
    let row = load(b + l &* stride, lanes)
    return scale.map { row * $0[l] } ?? row
  }
  for l in Swift.stride(from: 0, to: k &- 1, by: 2) {
    store(dino_bf16_pairs(row(l), row(l &+ 1)), target + 8 &* l)
  }
  if k % 2 == 1 { store(dino_bf16_pairs(row(k &- 1), .zero), target + 8 &* (k &- 1)) }
}

/// Sixteen elements as eight slots.
@inline(__always)
private func eightSlots(_ v: Vector) -> SIMD8<Float> {
  unsafeBitCast(dino_bf16(v), to: SIMD8<Float>.self)
}

/// Four rows of k elements to rows of four slots, 16 apart.
@inline(__always)
func transposePairs(_ k: Int, _ source: FourRows, into target: Pointer) {
  let (rows, scales) = (source.rows, source.scales)
  var i = 0
  while i &+ 16 <= k {
    dino_transpose_pairs(
      load(rows.0 + i) * scales.x, load(rows.1 + i) * scales.y, load(rows.2 + i) * scales.z,
      load(rows.3 + i) * scales.w, target + 8 &* i, 16)
    i &+= 16
  }
  guard i < k else { return }
  let lanes = k - i
  let a = eightSlots(load(rows.0 + i, lanes) * scales.x)
  let b = eightSlots(load(rows.1 + i, lanes) * scales.y)
  let c = eightSlots(load(rows.2 + i, lanes) * scales.z)
  let d = eightSlots(load(rows.3 + i, lanes) * scales.w)
  for slot in 0..<(lanes + 1) / 2 {
    UnsafeMutableRawPointer(target + 8 &* i + 16 &* slot).storeBytes(
      of: SIMD4(a[slot], b[slot], c[slot], d[slot]), as: SIMD4<Float>.self)
  }
}

/// Rounds the rows of a left factor [rows, inner], `stride` apart, into slots, `distance` apart.
/// `target` may be where the rows are, if they are as far apart in both.
func packRows(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, distance: Int
) {
  for row in 0..<rows {
    let (source, place) = (a + row &* stride, UnsafeMutableRawPointer(target + row &* distance))
    forEachVector(inner) { i, lanes in
      place.storeBytes(
        of: eightSlots(load(source + i, lanes)), toByteOffset: 2 &* i, as: SIMD8<Float>.self)
    }
  }
}

/// Slots of a line that `packColumns` writes for so many rows.
func pairLine(_ rows: Int) -> Int { padded(rows) + 16 }

/// Packs the transpose of a [inner, rows], `stride` apart, two elements to a slot: for each pair of
/// a's rows a line of slots, `line` apart.
func packColumns(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, line: Int
) {
  for slot in 0..<(inner + 1) / 2 {
    let source = a + 2 &* slot &* stride
    let place = target + slot &* line
    let isPair = 2 &* slot &+ 1 < inner
    forEachVector(rows) { i, lanes in
      let second = isPair ? load(source + stride + i, lanes) : .zero
      store(dino_bf16_pairs(load(source + i, lanes), second), place + i)
    }
  }
}
