import CVector

// Packing for bfloat16: two neighbours of the inner dimension share a slot, and a zero fills up the
// last one.

/// Slots of a row of `k` elements that `leftRows` writes; the last vector may spill.
func pairStride(_ k: Int) -> Int { (k + 15) / 16 * 8 }

/// Packs b [k, n] into panels, two rows to one.
func packPairs(k: Int, n: Int, _ b: Pointer, stride: Int, into panels: Panels) {
  for column in Swift.stride(from: 0, to: n, by: 16) {
    let lanes = min(16, n - column)
    var source = b + column
    var target = panels.data + column / 16 &* panels.stride
    for _ in 0..<k / 2 {
      store(dino_bf16_pairs(load(source, lanes), load(source + stride, lanes)), target)
      source += 2 &* stride
      target += 16
    }
    if k % 2 == 1 { store(dino_bf16_pairs(load(source, lanes), .zero), target) }
  }
}

/// The first `lanes` of 16 elements and zeros, as eight slots.
@inline(__always)
private func eightSlots(_ p: Pointer, _ lanes: Int) -> SIMD8<Float> {
  unsafeBitCast(dino_bf16(load(p, lanes)), to: SIMD8<Float>.self)
}

/// Four rows of k elements to rows of four slots, 16 apart.
func transposeFourPairs(
  _ k: Int, _ r0: Pointer, _ r1: Pointer, _ r2: Pointer, _ r3: Pointer, into target: Pointer
) {
  var i = 0
  while i &+ 16 <= k {
    dino_transpose_pairs(
      load(r0 + i), load(r1 + i), load(r2 + i), load(r3 + i), target + 8 &* i, 16)
    i &+= 16
  }
  guard i < k else { return }
  let lanes = k - i
  let (a, b) = (eightSlots(r0 + i, lanes), eightSlots(r1 + i, lanes))
  let (c, d) = (eightSlots(r2 + i, lanes), eightSlots(r3 + i, lanes))
  for slot in 0..<(lanes + 1) / 2 {
    UnsafeMutableRawPointer(target + 8 &* i + 16 &* slot).storeBytes(
      of: SIMD4(a[slot], b[slot], c[slot], d[slot]), as: SIMD4<Float>.self)
  }
}

/// Rows of a left factor [rows, inner]: as they lie there in fp32, rounded into `target` in bf16.
/// `target` may be where the rows are, if they are `stride` apart in both.
func leftRows(
  _ precision: Precision, rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer
) -> LeftFactor {
  guard precision == .bf16 else { return LeftFactor(data: a, rowStride: stride, innerStride: 1) }
  let distance = target == a ? stride : pairStride(inner)
  for row in 0..<rows {
    let (source, place) = (a + row &* stride, UnsafeMutableRawPointer(target + row &* distance))
    forEachVector(inner) { i, lanes in
      place.storeBytes(
        of: eightSlots(source + i, lanes), toByteOffset: 2 &* i, as: SIMD8<Float>.self)
    }
  }
  return LeftFactor(data: target, rowStride: distance, innerStride: 1)
}

/// Slots that `packColumns` writes for so many rows.
func pairLine(_ rows: Int) -> Int { padded(rows) + 16 }

/// Packs the transpose of a [inner, rows], `stride` apart, two elements to a slot: for each pair of
/// a's rows a line of slots.
func packColumns(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer
) -> LeftFactor {
  let line = pairLine(rows)
  for slot in 0..<(inner + 1) / 2 {
    let source = a + 2 &* slot &* stride
    let place = target + slot &* line
    let isPair = 2 &* slot &+ 1 < inner
    forEachVector(rows) { i, lanes in
      // The rows of a lie too far apart for the processor to foresee.
      dino_prefetch(source + 24 &* stride + i)
      dino_prefetch(source + 25 &* stride + i)
      let second = isPair ? load(source + stride + i, lanes) : .zero
      store(dino_bf16_pairs(load(source + i, lanes), second), place + i)
    }
  }
  return LeftFactor(data: target, rowStride: 1, innerStride: line)
}
