import Kernels
import Tensor

/// How a block's activations are retained for the backward pass.
package enum Retention: Sendable, Equatable {
  /// Every block has memory of its own.
  case kept
  /// All blocks share one set of activations. Each block's input is kept, and the block is computed again
  /// in the backward pass (activation checkpointing). The result has the same bits as with `kept`.
  case recomputed
}

/// The activations of all blocks.
struct ActivationStore {
  private let shape: BackboneShape
  private let tokens: [BlockTokens]
  private let element: Element
  private var blocks: [BlockActivations] = []
  /// The input of each block, if blocks are computed again.
  private let inputs: [Matrix]

  /// Plans what is kept from the forward to the backward pass.
  /// - Parameters:
  ///   - tokens: the most that each block computes.
  ///   - element: the type of all but statistics.
  ///   - retention: nil to keep nothing.
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

  /// Plans the set that all blocks share, if they do; it is used only during a pass.
  mutating func planWork(_ plan: ArenaPlan) {
    guard blocks.isEmpty else { return }
    blocks = plan.overlapping(tokens.count) {
      BlockActivations(plan, tokens: tokens[$0], shape, element)
    }
  }

  subscript(block: Int) -> BlockActivations { blocks[block] }

  /// Keeps the input of a block that will be computed again; before its forward pass.
  func enter(_ kernels: any Kernels, _ block: Int, _ tokens: Matrix) {
    guard !inputs.isEmpty else { return }
    kernels.copy(tokens.buffer, to: inputs[block].buffer)
  }

  /// Restores the activations of a block before its backward pass. Where they were not kept, `again`
  /// computes the forward pass on the block's input, which is copied to `tokens`.
  func restore(
    _ kernels: any Kernels, _ block: Int, _ tokens: Matrix, again: () -> Void
  ) {
    guard !inputs.isEmpty else { return }
    kernels.copy(inputs[block].buffer, to: tokens.buffer)
    again()
  }
}
