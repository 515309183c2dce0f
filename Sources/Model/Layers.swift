import Kernels
import Tensor

/// A fully connected layer's weight [outputs, inputs] and bias, or their gradients.
package struct LinearParameters: Sendable {
  package let weight: Matrix
  package let bias: Buffer

  /// Adds a linear layer of a name to the layout.
  package init(_ builder: inout ParameterBuilder, _ name: String, inputs: Int, outputs: Int) {
    (weight, bias) = builder.scope(name) {
      (
        $0.matrix("weight", rows: outputs, columns: inputs, .truncatedNormal(deviation: 0.02)),
        $0.vector("bias", [outputs], .constant(0))
      )
    }
  }

  /// The convolution that embeds patches: a linear layer over the pixels of a patch, beginning as
  /// PyTorch's `Conv2d` does.
  package init(
    _ builder: inout ParameterBuilder, _ name: String, channels: Int, patch: Int, outputs: Int
  ) {
    let inputs = channels * patch * patch
    let start = Initialiser.uniform(bound: 1 / Float(inputs).squareRoot())
    (weight, bias) = builder.scope(name) {
      (
        $0.matrix(
          "weight", rows: outputs, columns: inputs, shape: [outputs, channels, patch, patch],
          start),
        $0.vector("bias", [outputs], start)
      )
    }
  }
}

/// A layer norm's weight and bias, or their gradients.
package struct NormParameters: Sendable {
  package let weight: Buffer
  package let bias: Buffer
  /// What is added to the variance.
  let eps: Float

  /// Adds a LayerNorm of a name to the layout.
  package init(
    _ builder: inout ParameterBuilder, _ name: String, width: Int, eps: Float = 1e-6
  ) {
    self.eps = eps
    (weight, bias) = builder.scope(name) {
      ($0.vector("weight", [width], .constant(1)), $0.vector("bias", [width], .constant(0)))
    }
  }
}

extension LinearKernels {
  /// y = x · weightᵀ + bias
  func linear(_ x: Matrix, _ layer: LinearParameters, into y: Matrix) {
    linear(x, weight: layer.weight, bias: layer.bias, into: y)
  }

  /// y = x · weightᵀ + bias and what an activation makes of it.
  func linear(
    _ x: Matrix, _ layer: LinearParameters, into y: Matrix, _ activation: Activation,
    activated: Matrix
  ) where Self: ActivationKernels {
    linear(
      x, weight: layer.weight, bias: layer.bias, into: y, activation, activated: activated)
  }

  /// The gradient of a layer of activation(x) by x.
  func linearInputGradient(
    _ dy: Matrix, _ layer: LinearParameters, _ activation: Activation, x: Matrix, dx: Matrix,
    activated: Matrix? = nil
  ) where Self: ActivationKernels {
    linearInputGradient(
      dy, weight: layer.weight, activation, x: x, dx: dx, activated: activated)
  }

  /// Gradients by a layer's parameters, added to `gradients`.
  func linearParameterGradients(_ dy: Matrix, x: Matrix, _ gradients: LinearParameters) {
    linearParameterGradients(dy, x: x, dWeight: gradients.weight, dBias: gradients.bias)
  }

  /// Gradients of a layer, added to `gradients`; that by x written to `dx`.
  func linearBackward(
    _ dy: Matrix, x: Matrix, _ layer: LinearParameters, _ gradients: LinearParameters, dx: Matrix?
  ) {
    linearBackward(
      dy, x: x, weight: layer.weight, dx: dx, dWeight: gradients.weight, dBias: gradients.bias)
  }
}
