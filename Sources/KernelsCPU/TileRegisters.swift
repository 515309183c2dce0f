import CTiles

/// Products of bfloat16 in a processor's tile registers (AMX), 32 rows by 32 columns at a time.
///
/// For each element of c the products are added 32 elements of the inner dimension at a time, in
/// order, wherever a tile begins: as with `multiplyPanels`' own tiles, the cut has no effect.
enum TileRegisters {
  /// Whether this build and this machine have them, and the system lets the process use them.
  static let areUsed = dino_tiles_built() != 0 && dino_tiles_permitted() != 0

  private static let side = 32
  private static let depth = 16

  /// c [m, n] = start + a [m, k] · b [k, n], on the calling thread; k in slots. a's slots lie side by
  /// side. c may be where start is.
  static func multiply(
    m: Int, n: Int, k: Int, _ a: LeftFactor, _ b: Panels, start: Start, into c: Pointer, stride: Int
  ) {
    let whole = k & ~(depth - 1)
    if whole > 0 { multiply(m, n, 0..<whole, a, b, start, c, stride) }
    if whole < k || k == 0 {
      let begin = whole > 0 ? Start(data: c, stride: stride) : start
      multiply(m, n, whole..<k, a, b, begin, c, stride)
    }
    dino_tiles_release()
  }

  /// The same for slots that are whole chunks, or fewer than one.
  private static func multiply(
    _ m: Int, _ n: Int, _ slots: Range<Int>, _ a: LeftFactor, _ b: Panels, _ start: Start,
    _ c: Pointer, _ stride: Int
  ) {
    let left = a.data + slots.lowerBound
    let right = Panels(data: b.data + 16 * slots.lowerBound, stride: b.stride)
    // Sides that fill the registers, then what is left of either: they are configured but four times.
    forEachPart(m) { rows in
      forEachPart(n) { columns in
        let (height, width) = (min(side, rows.count), min(side, columns.count))
        dino_tiles_configure(height, width, max(1, min(depth, slots.count)))
        for row in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: side) {
          for column in Swift.stride(from: columns.lowerBound, to: columns.upperBound, by: side) {
            let panel = right.data + column / 16 &* right.stride
            multiply(
              tall: height > 16, wide: width > 16, (slots.count + depth - 1) / depth,
              left + row &* a.rowStride, a.rowStride, panel, panel + right.stride,
              start.pointer(row, column), start.stride, c + row &* stride + column, stride)
          }
        }
      }
    }
  }

  /// As much of a side as fills the registers, and the rest.
  @inline(__always)
  private static func forEachPart(_ count: Int, _ body: (Range<Int>) -> Void) {
    let whole = count & ~(side - 1)
    if whole > 0 { body(0..<whole) }
    if whole < count { body(whole..<count) }
  }

  @inline(__always)
  private static func multiply(
    tall: Bool, wide: Bool, _ chunks: Int, _ a: Pointer, _ aStride: Int, _ b: Pointer,
    _ bRight: Pointer, _ start: Pointer?, _ startStride: Int, _ c: Pointer, _ stride: Int
  ) {
    switch (tall, wide) {
    case (true, true):
      dino_tiles_multiply(1, 1, chunks, a, aStride, b, bRight, start, startStride, c, stride)
    case (true, false):
      dino_tiles_multiply(1, 0, chunks, a, aStride, b, bRight, start, startStride, c, stride)
    case (false, true):
      dino_tiles_multiply(0, 1, chunks, a, aStride, b, bRight, start, startStride, c, stride)
    case (false, false):
      dino_tiles_multiply(0, 0, chunks, a, aStride, b, bRight, start, startStride, c, stride)
    }
  }
}

extension Precision {
  /// Whether factors of this precision are multiplied in tile registers here.
  var isTiled: Bool { self == .bf16 && TileRegisters.areUsed }
}
