import Kernels
import Tensor

/// How the backward pass comes by a block's activations.
package enum Retention: Sendable, Equatable {
  /// Every block has memory of its own.
  case kept
  /// One set serves all blocks; each leaves the tokens that it was given and is computed again.
  /// The same bits as `kept`, for one more forward pass of the backbone.
  case recomputed
}

/// The activations of all blocks.
struct ActivationStore {
  private let shape: BackboneShape
  private let tokens: [BlockTokens]
  private let element: Element
  private var blocks: [BlockActivations] = []
  /// What each block was given, where it is computed again.
  private let inputs: [Matrix]

  /// Plans what lasts from a pass to its backward pass.
  /// - Parameters:
  ///   - tokens: the most that each block computes.
  ///   - element: what all but statistics is kept in.
  ///   - retention: nil: nothing is kept.
  init(
    _ plan: ArenaPlan, _ shape: BackboneShape, tokens: [BlockTokens], all: Int,
    element: Element, retention: Retention?
  ) {
    self.shape = shape
    self.tokens = tokens
    self.element = element
    inputs =
      retention == .recomputed ? tokens.map { _ in plan.matrix(all, shape.embedDim) } : []
    if retention == .kept {
      blocks = tokens.map { BlockActivations(plan, tokens: $0, shape, element) }
    }
  }

  /// Plans the set that serves all blocks, where one does; used only while a pass is on.
  mutating func planWork(_ plan: ArenaPlan) {
    guard blocks.isEmpty else { return }
    blocks = plan.overlapping(tokens.count) {
      BlockActivations(plan, tokens: tokens[$0], shape, element)
    }
  }

  subscript(block: Int) -> BlockActivations { blocks[block] }

  /// Before a block's forward pass.
  func enter(_ kernels: any Kernels, _ block: Int, _ tokens: Matrix) {
    guard !inputs.isEmpty else { return }
    kernels.copy(tokens.buffer, to: inputs[block].buffer)
  }

  /// Before a block's backward pass; `again` runs its forward pass on the tokens it is given.
  func restore(
    _ kernels: any Kernels, _ block: Int, _ tokens: Matrix, again: () -> Void
  ) {
    guard !inputs.isEmpty else { return }
    kernels.copy(inputs[block].buffer, to: tokens.buffer)
    again()
  }
}
