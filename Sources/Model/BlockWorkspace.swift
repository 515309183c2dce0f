import Tensor

/// The gradients by the intermediate results of a block, which all blocks share.
struct BlockWorkspace: Sendable {
  /// By a branch's output and by its normalised input: [tokens, D].
  let out: Matrix
  let input: Matrix
  /// By the output of attention before its projection: [tokens, D].
  let mixed: Matrix
  /// By the output of a branch's first linear layer.
  let wide: Matrix

  init(_ plan: ArenaPlan, tokens: Int, _ shape: BackboneShape, _ element: Element) {
    let width = shape.embedDim
    out = plan.matrix(tokens, width, element)
    input = plan.matrix(tokens, width)
    mixed = plan.matrix(tokens, width)
    wide = plan.matrix(tokens, max(3 * width, element.slots(shape.wideWidth)))
  }
}
