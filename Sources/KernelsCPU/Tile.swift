import CVector

// The innermost loops of every matrix product. They multiply six or twelve rows of a by one or two
// panels of b, in vector registers, or in tile registers if the processor has them. A panel is 16
// columns of b, stored row after row, so that the inner loop reads vectors. An element of a is read
// alone and repeated over the lanes, so a needs no packing. The products of each element of c are
// added in the order of the inner dimension, whatever the size of the tile.
//
// The inner dimension is counted in slots of 32 bits: an fp32 element, or a pair of bfloat16.

/// What a slot contains and how two slots are multiplied. Sums are always fp32.
protocol Slots {
  /// Whether twelve rows at a time are faster than six if registers have 512 bits.
  static var areTall: Bool { get }
  static func addProduct(_ sum: inout Vector, _ a: Vector, _ b: Vector)
}

/// Slots that are one element of fp32.
enum SingleSlots: Slots {
  static let areTall = true

  @inline(__always)
  static func addProduct(_ sum: inout Vector, _ a: Vector, _ b: Vector) { sum.addProduct(a, b) }
}

/// Slots that are two elements of bfloat16, the first in the lower half.
enum PairSlots: Slots {
  static let areTall = false

  @inline(__always)
  static func addProduct(_ sum: inout Vector, _ a: Vector, _ b: Vector) {
    sum = dino_add_bf16_products(sum, a, b)
  }
}

extension Start {
  @inline(__always)
  fileprivate func vector(_ row: Int, _ column: Int, _ lanes: Int) -> Vector {
    guard let data else { return .zero }
    return loadLanes(data + row &* stride + column, lanes)
  }

  /// Returns a row of two neighbouring panels.
  @inline(__always)
  fileprivate func pair(_ row: Int, _ column: Int) -> (Vector, Vector) {
    (vector(row, column, 16), vector(row, column &+ 16, 16))
  }
}

@inline(__always)
private func loadLanes(_ p: Pointer, _ lanes: Int) -> Vector {
  lanes == 16 ? load(p) : loadTail(p, lanes)
}

@inline(__always)
private func storeLanes(_ v: Vector, _ p: Pointer, _ lanes: Int) {
  if lanes == 16 { store(v, p) } else { storeTail(v, p, lanes) }
}

@inline(never)
private func loadTail(_ p: Pointer, _ lanes: Int) -> Vector { load(p, lanes) }

@inline(never)
private func storeTail(_ v: Vector, _ p: Pointer, _ lanes: Int) { store(v, p, lanes) }

/// Computes c [m, n] = start + a [m, k] · b [k, n] on the calling thread, with k in slots. c may be
/// the memory of `start`.
func multiplyPanels(
  _ precision: Precision, m: Int, n: Int, k: Int, _ a: LeftFactor, _ b: Panels, start: Start,
  into c: Pointer, stride: Int
) {
  switch precision {
  case .fp32:
    multiplyPanels(SingleSlots.self, m, n, k, a, b, start: start, into: c, stride: stride)
  case .bf16 where precision.isTiled:
    TileRegisters.multiply(m: m, n: n, k: k, a, b, start: start, into: c, stride: stride)
  case .bf16:
    multiplyPanels(PairSlots.self, m, n, k, a, b, start: start, into: c, stride: stride)
  }
}

@inline(never)
private func multiplyPanels<S: Slots>(
  _ slots: S.Type, _ m: Int, _ n: Int, _ k: Int, _ a: LeftFactor, _ b: Panels, start: Start,
  into c: Pointer, stride: Int
) {
  let wide = dino_wide_registers() != 0
  let columns = n & ~31
  var row = 0
  // One row of tiles after the other, so that c is written in the order of memory.
  while wide && S.areTall && row &+ 12 <= m {
    var column = 0
    while column < columns {
      let panel = b.data + column / 16 &* b.stride
      dino_tall_tile(
        k, a.data + row / 6 &* a.tileStride, a.data + (row / 6 &+ 1) &* a.tileStride, a.rowStride,
        a.innerStride, panel, panel + b.stride, start.pointer(row, column), start.stride,
        c + row &* stride + column, stride)
      column &+= 32
    }
    row &+= 12
  }
  multiplySixes(slots, wide, m, 0..<row, columns..<n, k, a, b, start, c, stride)
  multiplySixes(slots, wide, m, row..<m, 0..<n, k, a, b, start, c, stride)
}

/// Computes some rows and columns of c, six rows at a time.
private func multiplySixes<S: Slots>(
  _ slots: S.Type, _ wide: Bool, _ m: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ k: Int,
  _ a: LeftFactor, _ b: Panels, _ start: Start, _ c: Pointer, _ stride: Int
) {
  var column = columns.lowerBound
  while column < columns.upperBound {
    let panel = b.data + column / 16 &* b.stride
    let two = wide && column + 32 <= columns.upperBound
    let lanes = min(16, columns.upperBound - column)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let target = c + row &* stride + column
      if two {
        tileOfTwo(slots, m, row, column, k, a, panel, panel + b.stride, start, target, stride)
      } else {
        tileOfOne(slots, m, row, column, k, a, panel, lanes, start, target, stride)
      }
      row &+= 6
    }
    column &+= two ? 32 : 16
  }
}

@inline(__always)
private func broadcast(_ p: Pointer) -> Vector { Vector(repeating: p.pointee) }

/// Multiplies six rows by one panel, which fits the registers of a machine with 256-bit vectors.
@inline(__always)
private func tileOfOne<S: Slots>(
  _: S.Type, _ m: Int, _ row: Int, _ column: Int, _ k: Int, _ a: LeftFactor, _ panel: Pointer,
  _ lanes: Int, _ start: Start, _ c: Pointer, _ stride: Int
) {
  var (p, r1, r2, r3, r4, r5) = a.rows(row, of: m)
  let last = m &- 1
  var c0 = start.vector(row, column, lanes)
  var c1 = start.vector(min(row &+ 1, last), column, lanes)
  var c2 = start.vector(min(row &+ 2, last), column, lanes)
  var c3 = start.vector(min(row &+ 3, last), column, lanes)
  var c4 = start.vector(min(row &+ 4, last), column, lanes)
  var c5 = start.vector(min(row &+ 5, last), column, lanes)
  var q = panel
  let end = panel + 16 &* k
  while q < end {
    let v = load(q)
    S.addProduct(&c0, v, broadcast(p))
    S.addProduct(&c1, v, broadcast(p + r1))
    S.addProduct(&c2, v, broadcast(p + r2))
    S.addProduct(&c3, v, broadcast(p + r3))
    S.addProduct(&c4, v, broadcast(p + r4))
    S.addProduct(&c5, v, broadcast(p + r5))
    p += a.innerStride
    q += 16
  }
  storeLanes(c0, c, lanes)
  if row &+ 1 < m { storeLanes(c1, c + stride, lanes) }
  if row &+ 2 < m { storeLanes(c2, c + 2 &* stride, lanes) }
  if row &+ 3 < m { storeLanes(c3, c + 3 &* stride, lanes) }
  if row &+ 4 < m { storeLanes(c4, c + 4 &* stride, lanes) }
  if row &+ 5 < m { storeLanes(c5, c + 5 &* stride, lanes) }
}

/// Multiplies six rows by two panels. Twelve sums keep both multipliers of a 512-bit machine busy.
@inline(__always)
private func tileOfTwo<S: Slots>(
  _: S.Type, _ m: Int, _ row: Int, _ column: Int, _ k: Int, _ a: LeftFactor, _ panel: Pointer,
  _ second: Pointer, _ start: Start, _ c: Pointer, _ stride: Int
) {
  var (p, r1, r2, r3, r4, r5) = a.rows(row, of: m)
  let last = m &- 1
  var (c0, d0) = start.pair(row, column)
  var (c1, d1) = start.pair(min(row &+ 1, last), column)
  var (c2, d2) = start.pair(min(row &+ 2, last), column)
  var (c3, d3) = start.pair(min(row &+ 3, last), column)
  var (c4, d4) = start.pair(min(row &+ 4, last), column)
  var (c5, d5) = start.pair(min(row &+ 5, last), column)
  var q = panel
  let end = panel + 16 &* k
  let distance = second - panel
  while q < end {
    let v = load(q)
    let w = load(q + distance)
    S.addProduct(&c0, v, broadcast(p))
    S.addProduct(&d0, w, broadcast(p))
    S.addProduct(&c1, v, broadcast(p + r1))
    S.addProduct(&d1, w, broadcast(p + r1))
    S.addProduct(&c2, v, broadcast(p + r2))
    S.addProduct(&d2, w, broadcast(p + r2))
    S.addProduct(&c3, v, broadcast(p + r3))
    S.addProduct(&d3, w, broadcast(p + r3))
    S.addProduct(&c4, v, broadcast(p + r4))
    S.addProduct(&d4, w, broadcast(p + r4))
    S.addProduct(&c5, v, broadcast(p + r5))
    S.addProduct(&d5, w, broadcast(p + r5))
    p += a.innerStride
    q += 16
  }
  storePair(c0, d0, c)
  if row &+ 1 < m { storePair(c1, d1, c + stride) }
  if row &+ 2 < m { storePair(c2, d2, c + 2 &* stride) }
  if row &+ 3 < m { storePair(c3, d3, c + 3 &* stride) }
  if row &+ 4 < m { storePair(c4, d4, c + 4 &* stride) }
  if row &+ 5 < m { storePair(c5, d5, c + 5 &* stride) }
}

@inline(__always)
private func storePair(_ c: Vector, _ d: Vector, _ p: Pointer) {
  store(c, p)
  store(d, p + 16)
}
