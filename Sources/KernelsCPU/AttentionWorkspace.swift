/// The sizes of blocks and workspace of attention in one head of one sequence.
struct AttentionWorkspace {
  let length: Int
  /// The width of the head.
  let width: Int
  private let precision: Precision
  /// Columns of a block of scores: the keys, rounded up to whole panels.
  let keys: Int
  /// Slots of the keys as an inner dimension; whole chunks of 16 if there are tile registers.
  let depth: Int
  /// Queries in a block.
  let block: Int

  private let pass: AttentionPass

  init(_ pass: AttentionPass, length: Int, width: Int, precision: Precision) {
    self.pass = pass
    self.length = length
    self.width = width
    self.precision = precision
    keys = padded(length)
    let isTiled = precision.isTiled
    let slots = precision.slots(length)
    depth = isTiled ? padded(slots) : slots
    let most = pass.mostQueries(isTiled)
    let blocks = max(1, (length + most - 1) / most)
    let multiple = isTiled ? 32 : 6
    block = ((length + blocks - 1) / blocks + multiple - 1) / multiple * multiple
  }

  /// Elements of workspace for the panels of a transposed [length, width].
  var transposed: Int { keys * precision.slots(width) }
  /// Elements for the panels of a plain [length, width].
  var plain: Int { depth * padded(width) }
  /// Elements for a block of scores.
  var scores: Int { block * keys }
  /// Elements for packed rows of queries; 0 in fp32, which needs no packing.
  var rows: Int { precision == .fp32 ? 0 : block * pairStride(width) }
  /// Elements for packed columns of scores; 0 in fp32.
  private var tiles: Int { precision == .fp32 ? 0 : padded(length) * pairStride(block) }
  /// Elements for a block's output before it is divided by the sums of the exponentials.
  private var mixed: Int { block * padded(width) }
  /// All elements of a pass.
  var all: Int {
    switch pass {
    case .forward: transposed + plain + scores + keys + block + rows + mixed
    case .backward: 2 * transposed + 3 * plain + 2 * scores + rows + tiles
    }
  }
}

/// A direction of attention, which decides the size of blocks. In the forward pass scores should
/// stay in the first-level cache until they are read again, so blocks are small. In the backward
/// pass every block adds to the gradients of all keys and values, so there should be few blocks.
enum AttentionPass {
  case forward, backward

  /// The most queries in a block. Tile registers compute 32 at a time, and 32 are a whole chunk if
  /// queries are the inner dimension.
  fileprivate func mostQueries(_ isTiled: Bool) -> Int {
    switch self {
    case .forward: isTiled ? 32 : 24
    case .backward: isTiled ? 96 : 60
    }
  }
}
