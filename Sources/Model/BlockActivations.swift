import Tensor

/// What the backward pass of a block needs of its forward pass, in fp32. What follows from this
/// element by element (the norms' outputs, the GELU's) is computed again there.
struct BlockActivations: Sendable {
  let norm1: BranchActivations
  let attention: Attention.Activations
  let norm2: BranchActivations
  /// The feed-forward layer before its non-linearity.
  let wide: Matrix
  /// The place of all that may be kept rounded, and of what may not: the statistics of norms and
  /// softmaxes, which everything else is multiplied by.
  let large: Buffer
  let exact: Buffer

  init(_ plan: ArenaPlan, tokens: BlockTokens, _ shape: BackboneShape) {
    let width = shape.embedDim
    var matrices: [Matrix] = []
    large = plan.region {
      matrices = [width, width, 3 * width, width].map { plan.matrix(tokens.attention, $0) }
      matrices += [width, width, shape.wideWidth].map { plan.matrix(tokens.feedForward, $0) }
    }
    var buffers: [Buffer] = []
    exact = plan.region {
      buffers = [tokens.attention, tokens.attention * shape.numHeads, tokens.feedForward].map {
        plan.buffer($0)
      }
    }
    norm1 = BranchActivations(normalised: matrices[0], rstd: buffers[0], out: matrices[1])
    attention = Attention.Activations(
      qkv: matrices[2], logSumExp: buffers[1], mixed: matrices[3])
    norm2 = BranchActivations(normalised: matrices[4], rstd: buffers[2], out: matrices[5])
    wide = matrices[6]
  }
}

/// What lives within one block's pass; all blocks share it. Products alone read it, so it is kept as
/// they take it.
struct BlockWork: Sendable {
  /// A norm's output, the input of a branch's body.
  let normed: Matrix
  let activated: Matrix

  init(_ plan: ArenaPlan, tokens: Int, _ shape: BackboneShape, factors: Element) {
    normed = plan.matrix(tokens, shape.embedDim, factors)
    activated = plan.matrix(tokens, shape.hiddenWidth, factors)
  }
}
