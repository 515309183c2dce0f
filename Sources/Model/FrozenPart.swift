/// What of a backbone does not learn: it has no backward pass, and its parameters stay as they are.
package enum FrozenPart: Sendable, Equatable {
  case nothing
  /// The embedding and this many first blocks, but not all.
  case blocks(Int)
  /// All of it, with the final norm.
  case backbone

  /// The number of the first units that it takes: the embedding, and blocks. One more than there are units of a
  /// backbone means that the final norm, which is in the last block's, does not learn either.
  package func units(depth: Int) -> Int {
    switch self {
    case .nothing: 0
    case .blocks(let count): min(count, depth - 1) + 1
    case .backbone: depth + 1
    }
  }

  /// Whether it takes a layer, of which the embedding is 0 and the final norm `depth` + 1.
  package func contains(layer: Int, depth: Int) -> Bool {
    self == .backbone || layer < units(depth: depth)
  }

  /// The share of the blocks that it takes.
  package func share(of depth: Int) -> Double {
    Double(max(units(depth: depth) - 1, 0)) / Double(max(depth, 1))
  }
}
