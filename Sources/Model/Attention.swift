import Kernels
import Tensor

/// Multi-head self-attention over packed sequences, with its projections.
struct Attention {
  struct Parameters: Sendable {
    let qkv: LinearParameters
    let proj: LinearParameters

    init(_ builder: inout ParameterBuilder, width: Int) {
      (qkv, proj) = builder.scope("attn") {
        (
          LinearParameters(&$0, "qkv", inputs: width, outputs: 3 * width),
          LinearParameters(&$0, "proj", inputs: width, outputs: width)
        )
      }
    }
  }

  /// The activations that the backward pass needs.
  struct Activations: Sendable {
    let qkv: Matrix
    let logSumExp: Buffer
    let mixed: Matrix
  }

  let heads: Int

  /// The forward pass.
  ///
  /// - Parameter rotations: for each sequence group what turns its patches' queries and keys; empty if
  ///   positions are learned. A pass that turns them has no backward pass.
  func forward(
    _ kernels: any Kernels, _ x: Matrix, _ weights: Parameters, _ kept: Activations,
    sequences: [SequenceGroup], rotations: [Matrix], into y: Matrix
  ) {
    let qkv = kept.qkv.first(x.rows)
    let mixed = kept.mixed.first(x.rows)
    kernels.linear(x, weights.qkv, into: qkv)
    if !rotations.isEmpty {
      kernels.rotate(qkv, sequences: sequences, heads: heads, by: rotations)
    }
    kernels.attention(
      qkv, sequences: sequences, heads: heads, logSumExp: kept.logSumExp[0..<x.rows * heads],
      into: mixed)
    kernels.linear(mixed, weights.proj, into: y)
  }

  func backward(
    _ kernels: any Kernels, _ dy: Matrix, x: Matrix, _ weights: Parameters,
    _ gradients: Parameters, _ kept: Activations, sequences: [SequenceGroup],
    workspace: BlockWorkspace, dx: Matrix
  ) {
    let mixed = kept.mixed.first(x.rows)
    let dMixed = workspace.mixed.first(x.rows)
    let dQKV = workspace.wide.buffer.matrix(x.rows, kept.qkv.columns)
    kernels.linearBackward(dy, x: mixed, weights.proj, gradients.proj, dx: dMixed)
    kernels.attentionBackward(
      dMixed, qkv: kept.qkv.first(x.rows), out: mixed, sequences: sequences, heads: heads,
      logSumExp: kept.logSumExp[0..<x.rows * heads], dQKV: dQKV)
    kernels.linearBackward(dQKV, x: x, weights.qkv, gradients.qkv, dx: dx)
  }
}
