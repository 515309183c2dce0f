import CVector

// Packing for bfloat16: two neighbours of the inner dimension share a slot, and a zero fills up the
// last one.

/// Slots of a row of `k` elements that `leftRows` writes; the last vector may spill.
func pairStride(_ k: Int) -> Int { (k + 15) / 16 * 8 }

/// Rows of b, two to one.
func packPairs(
  _ k: Int, _ n: Int, _ b: Pointer, _ stride: Int, _ scale: RowScale?, _ panels: Panels
) {
  for l in Swift.stride(from: 0, to: k, by: 2) {
    let isPair = l &+ 1 < k
    let (row, next) = (b + l &* stride, b + (isPair ? l &+ 1 : l) &* stride)
    let first = Vector(repeating: scale.map { $0[l] } ?? 1)
    let second = Vector(repeating: isPair ? scale.map { $0[l &+ 1] } ?? 1 : 0)
    var target = panels.data + 8 &* l
    forEachVector(n) { i, lanes in
      // Ends of rows that are read in part make the processor lose the track.
      dino_prefetch(row + 4 &* stride + i)
      dino_prefetch(next + 4 &* stride + i)
      store(
        dino_bf16_pairs(load(row + i, lanes) * first, load(next + i, lanes) * second), target)
      target += panels.stride
    }
  }
}

/// Rows of b that are bfloat16 already, two to one, into panels.
func packHalves(
  k: Int, n: Int, _ b: UnsafeRawPointer, stride: Int, into panels: Panels
) {
  for l in Swift.stride(from: 0, to: k, by: 2) {
    let row = b + 2 &* l &* stride
    let isPair = l &+ 1 < k
    var target = panels.data + 8 &* l
    forEachVector(n) { i, lanes in
      dino_prefetch((row + 8 &* stride + 2 &* i).assumingMemoryBound(to: Float.self))
      store(joined(row + 2 &* i, stride, isPair, lanes), target)
      target += panels.stride
    }
  }
}

/// Slots of elements of a row and of the one below it, or zeros.
@inline(__always)
private func joined(_ p: UnsafeRawPointer, _ stride: Int, _ isPair: Bool, _ lanes: Int) -> Vector {
  dino_joined_pairs(
    loadHalves(p, lanes), isPair ? loadHalves(p + 2 &* stride, lanes) : .zero)
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
    source.prefetch(i)
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
      dino_prefetch(source + 2 &* stride + i)
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
      dino_prefetch(source + 4 &* stride + i)
      dino_prefetch(source + 5 &* stride + i)
      let second = isPair ? load(source + stride + i, lanes) : .zero
      store(dino_bf16_pairs(load(source + i, lanes), second), place + i)
    }
  }
}

/// The same of an a that is bfloat16 already.
func packColumnHalves(
  rows: Int, inner: Int, _ a: UnsafeRawPointer, stride: Int, into target: Pointer, line: Int
) {
  for slot in 0..<(inner + 1) / 2 {
    let source = a + 4 &* slot &* stride
    let place = target + slot &* line
    let isPair = 2 &* slot &+ 1 < inner
    forEachVector(rows) { i, lanes in
      dino_prefetch((source + 8 &* stride + 2 &* i).assumingMemoryBound(to: Float.self))
      store(joined(source + 2 &* i, stride, isPair, lanes), place + i)
    }
  }
}
