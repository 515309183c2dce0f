/// The blocks and the workspace of attention within one head of one sequence.
struct AttentionWorkspace {
  let length: Int
  /// Width of the head.
  let width: Int
  private let precision: Precision
  /// Columns of a block of scores, in whole panels; what stands past the last key has no effect.
  let keys: Int
  /// Slots of the keys where they are the inner dimension: whole chunks of tile registers.
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

  /// Elements of workspace: panels of a transposed and of a plain [length, width], scores, and left
  /// factors where they have to be packed: rows of queries, and columns of scores.
  var transposed: Int { keys * precision.slots(width) }
  var plain: Int { depth * padded(width) }
  var scores: Int { block * keys }
  var rows: Int { precision == .fp32 ? 0 : block * pairStride(width) }
  private var tiles: Int { precision == .fp32 ? 0 : padded(length) * pairStride(block) }
  /// What a block of queries gives, before it is divided by the sums of its exponentials.
  private var mixed: Int { block * padded(width) }
  var all: Int {
    switch pass {
    case .forward: transposed + plain + scores + keys + block + rows + mixed
    case .backward: 2 * transposed + 3 * plain + 2 * scores + rows + tiles
    }
  }
}

/// Forward scores are to stay in the first cache between being made, exponentiated and read again.
/// Backward every block adds to the gradients of all keys and values, so that there are to be few.
enum AttentionPass {
  case forward, backward

  /// The most queries in a block; tile registers take 32 at a time, and whole chunks of 32 of them where
  /// they are the inner dimension.
  fileprivate func mostQueries(_ isTiled: Bool) -> Int {
    switch self {
    case .forward: isTiled ? 32 : 24
    case .backward: isTiled ? 96 : 60
    }
  }
}
