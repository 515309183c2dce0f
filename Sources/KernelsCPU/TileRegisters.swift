import CTiles

/// Products of bfloat16 in a processor's tile registers (AMX), 32 rows by 32 columns at a time.
///
/// The products of each element of c are added 32 elements of the inner dimension at a time, in
/// order. As with the tiles in vector registers, the result does not depend on where a tile begins.
enum TileRegisters {
  /// Whether this build and this machine have tile registers, and the system permits the process to
  /// use them.
  static let areUsed = dino_tiles_built() != 0 && dino_tiles_permitted() != 0

  private static let side = 32
  private static let depth = 16

  /// Computes c [m, n] = start + a [m, k] · b [k, n] on the calling thread, with k in slots. The
  /// slots of a row of a are contiguous. c may be the memory of `start`.
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

  /// Computes the product for slots that are whole chunks, or fewer than one chunk.
  private static func multiply(
    _ m: Int, _ n: Int, _ slots: Range<Int>, _ a: LeftFactor, _ b: Panels, _ start: Start,
    _ c: Pointer, _ stride: Int
  ) {
    let left = a.data + slots.lowerBound
    let right = Panels(data: b.data + 16 * slots.lowerBound, stride: b.stride)
    // First the parts that fill the registers, then the rest: at most four configurations.
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

  /// Calls `body` for the part of a side that fills the registers, then for the rest.
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
  /// Whether factors of this precision are multiplied in tile registers on this machine.
  var isTiled: Bool { self == .bf16 && TileRegisters.areUsed }
}
