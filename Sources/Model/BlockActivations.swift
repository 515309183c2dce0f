import Tensor

/// What the backward pass of a block needs of its forward pass. What follows from this element by
/// element (the norms' outputs, the GELU's) is computed again there. The statistics of norms and
/// softmaxes, which everything else is multiplied by, are fp32 whatever the rest is kept in.
struct BlockActivations: Sendable {
  let norm1: BranchActivations
  let attention: Attention.Activations
  let norm2: BranchActivations
  /// The feed-forward layer before its non-linearity.
  let wide: Matrix

  init(_ plan: ArenaPlan, tokens: BlockTokens, _ shape: BackboneShape, _ element: Element) {
    func matrix(_ rows: Int, _ columns: Int) -> Matrix { plan.matrix(rows, columns, element) }
    let (rows, width) = (tokens.attention, shape.embedDim)
    norm1 = BranchActivations(
      normalised: matrix(rows, width), rstd: plan.buffer(rows), out: matrix(rows, width))
    attention = Attention.Activations(
      qkv: matrix(rows, 3 * width), logSumExp: plan.buffer(rows * shape.numHeads),
      mixed: matrix(rows, width))
    let fewer = tokens.feedForward
    norm2 = BranchActivations(
      normalised: matrix(fewer, width), rstd: plan.buffer(fewer), out: matrix(fewer, width))
    wide = matrix(fewer, shape.wideWidth)
  }
}

/// What lives within one block's pass; all blocks share it.
struct BlockWork: Sendable {
  /// A norm's output, the input of a branch's body.
  let normed: Matrix
  let activated: Matrix

  init(_ plan: ArenaPlan, tokens: Int, _ shape: BackboneShape, _ element: Element) {
    normed = plan.matrix(tokens, shape.embedDim, element)
    activated = plan.matrix(tokens, shape.hiddenWidth, element)
  }
}
