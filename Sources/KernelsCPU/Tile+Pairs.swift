import CVector

// Packing for bfloat16: two neighbours of the inner dimension share a slot. If their number is odd,
// the last slot is filled up with a zero.

/// Returns the slots of a row of `k` elements in a packed left factor, rounded up to whole vectors.
func pairStride(_ k: Int) -> Int { padded((k + 1) / 2) }

/// Packs b [k, n], with rows `stride` apart, into panels of bfloat16: two rows to a line of pairs.
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
      // The hardware prefetcher loses track at the ends of rows that are read in part.
      dino_prefetch(row + 4 &* stride + i)
      dino_prefetch(next + 4 &* stride + i)
      store(
        dino_bf16_pairs(load(row + i, lanes) * first, load(next + i, lanes) * second), target)
      target += panels.stride
    }
  }
}

/// Packs like `packPairs`, from a b that is bfloat16 already.
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

/// Returns pairs of the elements of a row and of the next row, or zeros if there is none.
@inline(__always)
private func joined(_ p: UnsafeRawPointer, _ stride: Int, _ isPair: Bool, _ lanes: Int) -> Vector {
  dino_joined_pairs(
    loadHalves(p, lanes), isPair ? loadHalves(p + 2 &* stride, lanes) : .zero)
}

/// Packs the transpose of b [n, k], with rows `stride` apart, into panels of bfloat16. Columns past
/// the last repeat the last.
func packTransposedPairs(
  _ k: Int, _ n: Int, _ b: Pointer, _ stride: Int, _ scale: RowScale?, _ panels: Panels
) {
  withSquare { square in
    for column in Swift.stride(from: 0, to: n, by: 16) {
      let panel = panels.data + column / 16 &* panels.stride
      for first in Swift.stride(from: 0, to: k, by: 32) {
        let elements = min(32, k - first)
        for i in 0..<16 {
          let row = min(column &+ i, n &- 1)
          let source = b + row &* stride + first
          let factor = Vector(repeating: scale.map { $0[row] } ?? 1)
          dino_prefetch(source + 16 &* stride)
          dino_prefetch(source + 16 &* stride + 16)
          let second = elements > 16 ? load(source + 16, elements - 16) : .zero
          square[i] = dino_bf16_row(load(source, min(16, elements)) * factor, second * factor)
        }
        turn(square, lines: (elements + 1) / 2, into: panel + 8 &* first, distance: 16)
      }
    }
  }
}

/// Packs like `packTransposedPairs`, from a b that is bfloat16 already, in whole slots.
func packTransposedSlots(
  _ slots: Int, _ n: Int, _ b: Pointer, _ stride: Int, _ panels: Panels
) {
  withSquare { square in
    for column in Swift.stride(from: 0, to: n, by: 16) {
      let panel = panels.data + column / 16 &* panels.stride
      for first in Swift.stride(from: 0, to: slots, by: 16) {
        let count = min(16, slots - first)
        for i in 0..<16 { square[i] = load(b + min(column &+ i, n &- 1) &* stride + first, count) }
        turn(square, lines: count, into: panel + 16 &* first, distance: 16)
      }
    }
  }
}

/// Sixteen lines of 16 slots, on the stack.
private typealias Square = UnsafeMutablePointer<Vector>

private func withSquare(_ body: (Square) -> Void) {
  withUnsafeTemporaryAllocation(of: Vector.self, capacity: 16) { body($0.baseAddress!) }
}

/// Transposes the square and writes the first `lines` of its columns as lines `distance` apart.
@inline(__always)
private func turn(_ square: Square, lines: Int, into target: Pointer, distance: Int) {
  let source = UnsafeMutableRawPointer(square).assumingMemoryBound(to: Float.self)
  if lines == 16 { return dino_turn(source, 16, target, distance) }
  dino_turn(source, 16, source, 16)
  for i in 0..<lines { store(square[i], target + i &* distance) }
}

/// Rounds the rows of a left factor [rows, inner], `stride` apart, to rows of slots, `distance`
/// apart. The last 16 slots of a row are filled up with zeros. `target` may be `a` if both
/// distances are equal.
func packRows(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, distance: Int
) {
  for row in 0..<rows {
    let (source, place) = (a + row &* stride, target + row &* distance)
    var i = 0
    while i &+ 32 <= inner {
      dino_prefetch(source + 2 &* stride + i)
      dino_prefetch(source + 2 &* stride + i + 16)
      store(dino_bf16_row(load(source + i), load(source + i + 16)), place + i / 2)
      i &+= 32
    }
    guard i < inner else { continue }
    let second = inner &- i > 16 ? load(source + i + 16, inner &- i &- 16) : .zero
    store(dino_bf16_row(load(source + i, min(16, inner &- i)), second), place + i / 2)
  }
}

/// Packs the transpose of a [inner, rows], with rows `stride` apart, into rows of slots, `distance`
/// apart. `target` has room for both rows and slots rounded up to a multiple of 16.
func packColumns(
  rows: Int, inner: Int, _ a: Pointer, stride: Int, into target: Pointer, distance: Int
) {
  packColumns(rows, inner, into: target, distance) { l, isPair, i, lanes in
    let source = a + l &* stride + i
    dino_prefetch(source + 48)
    dino_prefetch(source + stride + 48)
    return dino_bf16_pairs(load(source, lanes), isPair ? load(source + stride, lanes) : .zero)
  }
}

/// Packs like `packColumns`, from an a that is bfloat16 already.
func packColumnHalves(
  rows: Int, inner: Int, _ a: UnsafeRawPointer, stride: Int, into target: Pointer, distance: Int
) {
  packColumns(rows, inner, into: target, distance) { l, isPair, i, lanes in
    let source = a + 2 &* (l &* stride + i)
    dino_prefetch((source + 96).assumingMemoryBound(to: Float.self))
    dino_prefetch((source + 2 &* stride + 96).assumingMemoryBound(to: Float.self))
    return joined(source, stride, isPair, lanes)
  }
}

/// Packs columns whose pairs `slots` returns: elements l and l + 1 of 16 rows from row i on.
@inline(__always)
private func packColumns(
  _ rows: Int, _ inner: Int, into target: Pointer, _ distance: Int,
  slots: (_ l: Int, _ isPair: Bool, _ i: Int, _ lanes: Int) -> Vector
) {
  withSquare { square in
    for first in Swift.stride(from: 0, to: inner, by: 32) {
      forEachVector(rows) { i, lanes in
        for line in 0..<16 {
          let l = first &+ 2 &* line
          square[line] = l < inner ? slots(l, l &+ 1 < inner, i, lanes) : .zero
        }
        turn(square, lines: 16, into: target + i &* distance + first / 2, distance: distance)
      }
    }
  }
}
