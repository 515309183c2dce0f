import Kernels
import Tensor

/// A pre-norm transformer block: x + ls1 · attn(norm1(x)), then x + ls2 · mlp(norm2(x)).
///
/// Both halves are residual branches. A route says which sequences a branch computes (efficient stochastic
/// depth, section 5 of the paper).
struct TransformerBlock {
  struct Parameters: Sendable {
    let norm1: NormParameters
    let attention: Attention.Parameters
    let ls1: Buffer
    let norm2: NormParameters
    let feedForward: FeedForward.Parameters
    let ls2: Buffer

    init(_ builder: inout ParameterBuilder, _ shape: BackboneShape) {
      let width = shape.embedDim
      func scale(_ name: String, _ builder: inout ParameterBuilder) -> Buffer {
        builder.scope(name) { $0.vector("gamma", [width], .constant(shape.layerScale)) }
      }
      norm1 = NormParameters(&builder, "norm1", width: width, eps: shape.normEpsilon)
      attention = Attention.Parameters(&builder, width: width)
      ls1 = scale("ls1", &builder)
      norm2 = NormParameters(&builder, "norm2", width: width, eps: shape.normEpsilon)
      feedForward = FeedForward.Parameters(
        &builder, width: width, hidden: shape.hiddenWidth, gated: shape.isGated)
      ls2 = scale("ls2", &builder)
    }
  }

  let attention: Attention
  let feedForward: FeedForward

  init(_ shape: BackboneShape) {
    attention = Attention(heads: shape.numHeads)
    feedForward = FeedForward(activation: shape.isGated ? .swiglu : .gelu)
  }

  /// The forward pass: adds both residual branches to `tokens`.
  ///
  /// - Parameter rotations: of each sequence group, as `Attention.forward` takes them.
  func forward(
    _ kernels: any Kernels, _ tokens: Matrix, _ weights: Parameters, _ kept: BlockActivations,
    routes: BlockRoutes, rotations: [Matrix], work: BlockWork
  ) {
    var x = kept.norm1.enter(
      kernels, tokens, weights.norm1, routes.attention, into: work.normed)
    var y = kept.norm1.out.first(x.rows)
    attention.forward(
      kernels, x, weights.attention, kept.attention, sequences: routes.attention.sequences,
      rotations: rotations, into: y)
    kept.norm1.leave(kernels, weights.ls1, routes.attention, tokens: tokens)

    x = kept.norm2.enter(kernels, tokens, weights.norm2, routes.feedForward, into: work.normed)
    y = kept.norm2.out.first(x.rows)
    feedForward.forward(
      kernels, x, weights.feedForward, wide: kept.wide.first(x.rows),
      activated: work.activated.first(x.rows), into: y)
    kept.norm2.leave(kernels, weights.ls2, routes.feedForward, tokens: tokens)
  }

  /// The backward pass: replaces the gradient by the block's output, in `dTokens`, by that by its input.
  func backward(
    _ kernels: any Kernels, _ dTokens: Matrix, _ weights: Parameters, _ gradients: Parameters,
    _ kept: BlockActivations, routes: BlockRoutes, work: BlockWork, workspace: BlockWorkspace
  ) {
    var route = routes.feedForward
    var dy = workspace.out.first(route.tokens)
    let dx = workspace.input
    kept.norm2.leaveBackward(
      kernels, dTokens, weights.ls2, route, dy: dy, dScale: gradients.ls2)
    feedForward.backward(
      kernels, dy, x: kept.norm2.recomputeInput(kernels, weights.norm2, route, into: work.normed),
      weights.feedForward, gradients.feedForward, wide: kept.wide.first(route.tokens),
      activated: work.activated.first(route.tokens), workspace: workspace,
      dx: dx.first(route.tokens))
    kept.norm2.enterBackward(
      kernels, dx.first(route.tokens), weights.norm2, gradients.norm2, route, dTokens: dTokens)

    route = routes.attention
    dy = workspace.out.first(route.tokens)
    kept.norm1.leaveBackward(
      kernels, dTokens, weights.ls1, route, dy: dy, dScale: gradients.ls1)
    attention.backward(
      kernels, dy, x: kept.norm1.recomputeInput(kernels, weights.norm1, route, into: work.normed),
      weights.attention, gradients.attention, kept.attention, sequences: route.sequences,
      workspace: workspace, dx: dx.first(route.tokens))
    kept.norm1.enterBackward(
      kernels, dx.first(route.tokens), weights.norm1, gradients.norm1, route, dTokens: dTokens)
  }
}
