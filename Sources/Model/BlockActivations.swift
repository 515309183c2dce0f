import Tensor

/// The activations of a block that its backward pass needs.
///
/// The outputs of norms and activation functions are not among them: they are computed again, element by
/// element. The statistics of norms and softmaxes are always fp32, since everything else is multiplied by
/// them.
struct BlockActivations: Sendable {
  let norm1: BranchActivations
  let attention: Attention.Activations
  let norm2: BranchActivations
  /// The feed-forward layer before its activation function.
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

/// The intermediate results of a block's pass, which all blocks share.
struct BlockWork: Sendable {
  /// The output of a norm, which is the input of a branch's body.
  let normed: Matrix
  let activated: Matrix

  init(_ plan: ArenaPlan, tokens: Int, _ shape: BackboneShape, _ element: Element) {
    normed = plan.matrix(tokens, shape.embedDim, element)
    activated = plan.matrix(tokens, shape.hiddenWidth, element)
  }
}
