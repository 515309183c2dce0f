import CVector

/// The sides of a matrix product [m, k] · [k, n]. They alone, on a kind of processor, decide how it is
/// cut and what workspace it takes: rows of the result into strips, the inner dimension into blocks.
struct ProductSize {
  let m: Int
  let n: Int
  let k: Int
  /// What the factors are rounded to as they are packed.
  let precision: Precision
  /// Whether the left factor lies transposed, so that it has to be packed.
  let turned: Bool
  /// Whether sums are made elsewhere than where the result is to be.
  var apart = false

  /// Which side is shared among the workers.
  enum Way {
    case rows, columns, inner
  }

  /// Slots of the inner dimension that are multiplied at a time, at the most: what of b is in use stays
  /// in the first cache, what of a is in the second. One panel at a time leaves room for 256, which
  /// pays where they are all.
  static let depth = dino_wide_registers() != 0 ? usual : 256
  private static let usual = 192
  /// Rows of c that are multiplied at a time: a strip.
  static let height = 96
  /// Rows of a strip that a worker takes where it is to have less than one.
  var piece: Int { precision.isTiled ? 32 : 12 }
  /// Elements that a packed strip of a takes, a block of it.
  static var leftCapacity: Int { height / 6 * sixesStride(depth) }
  /// Blocks of the inner dimension that are packed at a time: those of b stay in the second cache from
  /// strip to strip where it takes little time to multiply them.
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

  /// The block that an element of the inner dimension belongs to.
  func block(at element: Int) -> Int { element / depth }

  func rows(_ strip: Int) -> Range<Int> {
    strip * Self.height..<min(m, (strip + 1) * Self.height)
  }

  /// Blocks that are packed together: all of them, where sums do not stay to be added to.
  private var packed: Int { apart ? blocks : blocksAtATime }

  /// How often blocks are packed, one lot after the other.
  var packs: Int { (blocks + packed - 1) / packed }

  /// The blocks of a lot.
  func pack(_ number: Int) -> Range<Int> { number * packed..<min(blocks, (number + 1) * packed) }

  /// Elements that blocks of b take once packed.
  func packedCapacity(_ blocks: Range<Int>) -> Int { offset(blocks.upperBound, from: blocks) }

  /// Where a block of b begins among packed ones, and `column` in it.
  func offset(_ block: Int, from blocks: Range<Int>, column: Int = 0) -> Int {
    let inner = inner(block)
    return precision.slots(inner.lowerBound - self.inner(blocks.lowerBound).lowerBound) * padded(n)
      + column * precision.slots(inner.count)
  }

  /// Where a block of a strip of a begins among packed ones.
  func leftOffset(_ strip: Int, _ block: Int, of strips: Range<Int>, _ blocks: Range<Int>) -> Int {
    ((block - blocks.lowerBound) * strips.count + strip - strips.lowerBound) * Self.leftCapacity
  }

  /// By rows: strips of a transposed a that are packed at a time, so many that packing and
  /// multiplying them in turn keeps all workers busy.
  func stripsAtATime(_ blocks: Range<Int>, threads: Int) -> Int {
    min(strips, max(32 / blocks.count, 2 * threads))
  }

  /// By columns: how many a worker packs at a time.
  var columnsAtATime: Int {
    min(Self.mostColumns, max(32, columnWork / (16 * m * max(1, k)) * 16))
  }
  private static let mostColumns = 256
  /// Multiplications that are worth a worker's turn, for which it reads all of a.
  private var columnWork: Int { precision.isTiled ? 100_000_000 : 2_000_000 }

  /// By columns, with any number of rows up to m: the most that packed columns and their sums take.
  var mostByColumns: Int {
    let rows = min(m, n - 1)
    let sums = min(Self.mostColumns * rows, max(32 * rows, columnWork / max(1, k)))
    return Self.depth * Self.mostColumns + (apart ? sums : 0)
  }

  /// By the inner dimension: the blocks of a part, and the parts.
  var blocksOfPart: Int { (blocks + 15) / 16 }
  var parts: Int { (blocks + blocksOfPart - 1) / blocksOfPart }
}

extension ProductSize {
  /// The workspace that the product takes.
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
