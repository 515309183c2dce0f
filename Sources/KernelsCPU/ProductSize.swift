import CVector

/// The sizes of a matrix product [m, k] · [k, n], and how it is divided: the rows of the result
/// into strips, the inner dimension into blocks. The division and the workspace depend only on the
/// sizes and on the kind of processor.
struct ProductSize {
  let m: Int
  let n: Int
  let k: Int
  /// The precision that factors are rounded to while they are packed.
  let precision: Precision
  /// Whether the left factor is read transposed, so that it has to be packed.
  let turned: Bool
  /// Whether sums are computed in workspace instead of in the result.
  var apart = false

  /// The side that is divided among the workers.
  enum Way {
    case rows, columns, inner
  }

  /// The most slots of the inner dimension that are multiplied at a time. The panels of b in use
  /// then stay in the first-level cache, and the strip of a in the second. Without 512-bit
  /// registers only one panel is in use, so there is room for 384 slots, which is faster if they
  /// are the whole dimension: sums are then written once.
  static let depth = dino_wide_registers() != 0 ? usual : 384
  private static let usual = 192
  /// The rows of a strip, which are multiplied at a time.
  static let height = 96
  /// The rows of a piece: the part of a strip that a worker computes if strips are divided further.
  var piece: Int { precision.isTiled ? 32 : 12 }
  /// Elements of one packed block of a strip of a.
  static var leftCapacity: Int { height / 6 * sixesStride(depth) }
  /// The number of blocks of the inner dimension that are packed together. With tile registers,
  /// which multiply in little time, there are fewer, so that those of b stay in the second-level
  /// cache from one strip to the next.
  private var blocksAtATime: Int { precision.isTiled ? 4 : 8 }

  var way: Way {
    if k > 4 * max(m, n) && m * n <= 1 << 19 { return .inner }
    return n > m ? .columns : .rows
  }

  /// Elements in a block of the inner dimension.
  private var depth: Int {
    precision.elementsPerSlot * (precision.slots(k) <= Self.depth ? Self.depth : Self.usual)
  }
  var blocks: Int { max(1, (k + depth - 1) / depth) }
  var strips: Int { (m + Self.height - 1) / Self.height }

  func inner(_ block: Int) -> Range<Int> { min(k, block * depth)..<min(k, (block + 1) * depth) }

  /// Returns the block that an element of the inner dimension belongs to.
  func block(at element: Int) -> Int { element / depth }

  func rows(_ strip: Int) -> Range<Int> {
    strip * Self.height..<min(m, (strip + 1) * Self.height)
  }

  /// The number of blocks in a lot, which are packed together: all if sums are in workspace, which
  /// does not keep them for the next lot.
  private var packed: Int { apart ? blocks : blocksAtATime }

  /// The number of lots.
  var packs: Int { (blocks + packed - 1) / packed }

  /// Returns the blocks of a lot.
  func pack(_ number: Int) -> Range<Int> { number * packed..<min(blocks, (number + 1) * packed) }

  /// Returns the number of elements of packed blocks of b.
  func packedCapacity(_ blocks: Range<Int>) -> Int { offset(blocks.upperBound, from: blocks) }

  /// Returns the offset of a block of b among packed blocks, or of a column in it.
  func offset(_ block: Int, from blocks: Range<Int>, column: Int = 0) -> Int {
    let inner = inner(block)
    return precision.slots(inner.lowerBound - self.inner(blocks.lowerBound).lowerBound) * padded(n)
      + column * precision.slots(inner.count)
  }

  /// Returns the offset of a block of a strip of a among packed blocks and strips.
  func leftOffset(_ strip: Int, _ block: Int, of strips: Range<Int>, _ blocks: Range<Int>) -> Int {
    ((block - blocks.lowerBound) * strips.count + strip - strips.lowerBound) * Self.leftCapacity
  }

  /// For `Way.rows`: the number of strips of a transposed a that are packed at a time. There are
  /// enough to keep all workers busy, first with packing and then with multiplying.
  func stripsAtATime(_ blocks: Range<Int>, threads: Int) -> Int {
    min(strips, max(32 / blocks.count, 2 * threads))
  }

  /// For `Way.columns`: the number of columns that a worker packs at a time.
  var columnsAtATime: Int {
    min(Self.mostColumns, max(32, columnWork / (16 * m * max(1, k)) * 16))
  }
  private static let mostColumns = 256
  /// The number of multiplications in a chunk of columns. Each chunk reads all of a, so it must not
  /// be small.
  private var columnWork: Int { precision.isTiled ? 100_000_000 : 2_000_000 }

  /// For `Way.columns`: the most elements of packed columns and sums, with any number of rows up
  /// to m.
  var mostByColumns: Int {
    let rows = min(m, n - 1)
    let sums = min(Self.mostColumns * rows, max(32 * rows, columnWork / max(1, k)))
    return Self.depth * Self.mostColumns + (apart ? sums : 0)
  }

  /// For `Way.inner`: the number of blocks in a part.
  var blocksOfPart: Int { (blocks + 15) / 16 }
  /// For `Way.inner`: the number of parts, at most 16.
  var parts: Int { (blocks + blocksOfPart - 1) / blocksOfPart }
}

extension ProductSize {
  /// Returns the workspace that the product needs.
  func workspace(_ threads: Int) -> WorkspaceSize {
    let first = pack(0)
    switch way {
    case .rows:
      let strips = turned ? stripsAtATime(first, threads: threads) : 0
      return WorkspaceSize(
        worker: (turned ? 0 : Self.leftCapacity) + (apart ? Self.height * n : 0),
        shared: packedCapacity(first) + strips * first.count * Self.leftCapacity)
    case .columns:
      return WorkspaceSize(
        worker: Self.depth * columnsAtATime + (apart ? m * columnsAtATime : 0),
        shared: precision == .fp32 && !turned ? 0 : strips * first.count * Self.leftCapacity)
    case .inner:
      return WorkspaceSize(
        worker: strips * Self.leftCapacity + Self.depth * padded(n), shared: parts * m * n)
    }
  }
}
