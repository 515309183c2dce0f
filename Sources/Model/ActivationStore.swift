import Kernels
import Tensor

/// How the backward pass comes by a block's activations.
package enum Retention: Sendable, Equatable {
  /// Every block has memory of its own.
  case exact
  /// One set serves all blocks; each leaves a copy in bfloat16, a little over half the size.
  case rounded
  /// One set serves all blocks; each leaves the tokens that it was given and is computed again.
  /// The same bits as `exact`, for one more forward pass of the backbone.
  case recomputed
}

/// The activations of all blocks.
struct ActivationStore {
  private enum Kept {
    case inPlace
    case rounded(large: Buffer, exact: Buffer)
    case input(Matrix)
  }

  private let shape: BackboneShape
  private let tokens: [BlockTokens]
  private var blocks: [BlockActivations] = []
  private let kept: [Kept]

  /// Plans what lasts from a pass to its backward pass.
  /// - Parameter tokens: the most that each block computes. retention nil: nothing is kept.
  init(
    _ plan: ArenaPlan, _ shape: BackboneShape, tokens: [BlockTokens], all: Int, retention: Retention?
  ) {
    self.shape = shape
    self.tokens = tokens
    kept = tokens.map { count in
      switch retention {
      case .exact, nil: return .inPlace
      case .rounded:
        let block = BlockActivations(ArenaPlan(), tokens: count, shape)
        return .rounded(
          large: plan.buffer((block.large.count + 1) / 2), exact: plan.buffer(block.exact.count))
      case .recomputed: return .input(plan.matrix(all, shape.embedDim))
      }
    }
    if retention == .exact {
      blocks = tokens.map { BlockActivations(plan, tokens: $0, shape) }
    }
  }

  /// Plans the set that serves all blocks, where one does; used only while a pass is on.
  mutating func planWork(_ plan: ArenaPlan) {
    guard blocks.isEmpty else { return }
    blocks = plan.overlapping(tokens.count) {
      BlockActivations(plan, tokens: tokens[$0], shape)
    }
  }

  subscript(block: Int) -> BlockActivations { blocks[block] }

  /// Before a block's forward pass.
  func enter(_ kernels: any Kernels, _ block: Int, _ tokens: Matrix) {
    if case .input(let input) = kept[block] { kernels.copy(tokens.buffer, to: input.buffer) }
  }

  /// After a block's forward pass.
  func leave(_ kernels: any Kernels, _ block: Int) {
    guard case .rounded(let large, let exact) = kept[block] else { return }
    kernels.narrow(blocks[block].large, into: large)
    kernels.copy(blocks[block].exact, to: exact)
  }

  /// Before a block's backward pass; `again` runs its forward pass on the tokens it is given.
  func restore(
    _ kernels: any Kernels, _ block: Int, _ tokens: Matrix, again: () -> Void
  ) {
    switch kept[block] {
    case .inPlace: return
    case .rounded(let large, let exact):
      kernels.widen(large, into: blocks[block].large)
      kernels.copy(exact, to: blocks[block].exact)
    case .input(let input):
      kernels.copy(input.buffer, to: tokens.buffer)
      again()
    }
  }
}
