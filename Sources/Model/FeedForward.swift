import Kernels
import Tensor

/// The feed-forward layer of a block: two linear layers with GELU between, or the gated SwiGLU.
struct FeedForward {
  struct Parameters: Sendable {
    let widen: LinearParameters
    let narrow: LinearParameters

    init(_ builder: inout ParameterBuilder, width: Int, hidden: Int, gated: Bool) {
      (widen, narrow) = builder.scope("mlp") {
        (
          LinearParameters(
            &$0, gated ? "w12" : "fc1", inputs: width, outputs: gated ? 2 * hidden : hidden),
          LinearParameters(&$0, gated ? "w3" : "fc2", inputs: hidden, outputs: width)
        )
      }
    }
  }

  let activation: Activation

  /// The forward pass. The backward pass needs `wide`, but not `activated`, which it computes again.
  func forward(
    _ kernels: any Kernels, _ x: Matrix, _ weights: Parameters, wide: Matrix, activated: Matrix,
    into y: Matrix
  ) {
    kernels.linear(x, weights.widen, into: wide, activation, activated: activated)
    kernels.linear(activated, weights.narrow, into: y)
  }

  func backward(
    _ kernels: any Kernels, _ dy: Matrix, x: Matrix, _ weights: Parameters,
    _ gradients: Parameters, wide: Matrix, activated: Matrix, workspace: BlockWorkspace, dx: Matrix
  ) {
    let dWide = workspace.wide.buffer.matrix(x.rows, wide.columns, wide.element)
    kernels.linearInputGradient(
      dy, weights.narrow, activation, x: wide, dx: dWide, activated: activated)
    kernels.linearParameterGradients(dy, x: activated, gradients.narrow)
    kernels.linearBackward(dWide, x: x, weights.widen, gradients.widen, dx: dx)
  }
}
