import Tensor

/// Gradients that live within one block's backward pass; all blocks share them.
struct BlockScratch: Sendable {
  /// By a branch's output and by its normalised input: [tokens, D].
  let out: Matrix
  let input: Matrix
  /// By what attention gives: [tokens, D].
  let mixed: Matrix
  /// By what a branch's first linear layer gives.
  let wide: Matrix

  init(_ plan: ArenaPlan, tokens: Int, _ shape: BackboneShape, _ element: Element) {
    let width = shape.embedDim
    out = plan.matrix(tokens, width, element)
    input = plan.matrix(tokens, width)
    mixed = plan.matrix(tokens, width)
    wide = plan.matrix(tokens, max(3 * width, element.slots(shape.wideWidth)))
  }
}
