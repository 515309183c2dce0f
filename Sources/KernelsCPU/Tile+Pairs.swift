import CVector

// Packing for bfloat16: two neighbours of the inner dimension share a slot, and a zero fills up the
// last one.

/// Slots of a row of `k` elements of a packed left factor: whole vectors of them.
func pairStride(_ k: Int) -> Int { padded((k + 1) / 2) }

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

/// Packs the transpose of b [n, k], rows `stride` apart, into panels; columns past the last repeat it.
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

/// The same of a b that is bfloat16 already, in whole slots.
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

/// Sixteen lines of slots on the stack.
private typealias Square = UnsafeMutablePointer<Vector>

private func withSquare(_ body: (Square) -> Void) {
  withUnsafeTemporaryAllocation(of: Vector.self, capacity: 16) { body($0.baseAddress!) }
}

/// Turns the square's columns, as many as are asked for, into lines `distance` apart.
@inline(__always)
private func turn(_ square: Square, lines: Int, into target: Pointer, distance: Int) {
  let source = UnsafeMutableRawPointer(square).assumingMemoryBound(to: Float.self)
  if lines == 16 { return dino_turn(source, 16, target, distance) }
  dino_turn(source, 16, source, 16)
  for i in 0..<lines { store(square[i], target + i &* distance) }
}

/// Rounds the rows of a left factor [rows, inner], `stride` apart, into slots, `distance` apart.
/// `target` may be where the rows are, if they are as far apart in both. Zeros fill up the last 16 slots.
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

/// Packs the transpose of a [inner, rows], `stride` apart, two elements to a slot, into rows of slots,
/// `distance` apart. `target` has room for a multiple of 16 of them and of slots.
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

/// The same of an a that is bfloat16 already.
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

/// slots: those of elements l and l + 1 of 16 rows from i on.
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
