import Kernels
import Tensor

/// A projection head: linear layers with GELU between, L2 normalisation, and weight-normed prototypes. Objectives
/// that compare unit vectors, or features, leave out what comes after.
package struct ProjectionHead {
  /// The parameters of a head, as regions of the arena.
  package struct Parameters: Sendable {
    let layers: [LinearParameters]
    let isNormalised: Bool
    /// nil if the output is the unit vectors or the last layer's.
    let prototypes: Prototypes?
    /// The width of the output.
    package let outputs: Int
    /// The directions of the prototypes [K, bottleneck], not of unit length; nil without prototypes.
    package var prototypeDirections: Matrix? { prototypes?.weightV }

    /// Prototypes [K, bottleneck] by direction and length.
    struct Prototypes: Sendable {
      let weightG: Buffer
      let weightV: Matrix
    }

    /// Adds the tensors of a head to the layout, under the names of the official code.
    package init(_ builder: inout ParameterBuilder, _ shape: HeadShape) {
      let widths = shape.widths
      isNormalised = shape.isNormalised
      layers = (0..<shape.layers).map { number in
        // PyTorch counts the GELUs of the sequence too; a single layer is no sequence.
        LinearParameters(
          &builder, shape.layers == 1 ? "mlp" : "mlp.\(2 * number)", inputs: widths[number],
          outputs: widths[number + 1])
      }
      outputs = shape.outputs
      guard shape.prototypes > 0 else {
        prototypes = nil
        return
      }
      prototypes = builder.scope("last_layer") {
        Prototypes(
          weightG: $0.vector("weight_g", [shape.prototypes, 1], .constant(1)),
          weightV: $0.matrix(
            "weight_v", rows: shape.prototypes, columns: shape.bottleneck,
            .uniform(bound: 1 / Float(shape.bottleneck).squareRoot())))
      }
    }
  }

  /// The memory of a head's passes over up to `rows` features, without the logits.
  package struct Pass: Sendable {
    fileprivate struct Training: Sendable {
      let dHidden: [Matrix]
      let dBottleneck: Matrix
    }

    fileprivate let hidden: [Matrix]
    fileprivate let activated: [Matrix]
    fileprivate let bottleneck: Matrix
    fileprivate let direction: Matrix
    fileprivate let norms: Buffer
    fileprivate let prototypeNorms: Buffer
    fileprivate let training: Training?

    /// Plans the buffers for at most `rows` features; a pass for training also keeps activations.
    package init(_ plan: ArenaPlan, _ shape: HeadShape, rows: Int, forTraining: Bool) {
      let between = max(shape.layers - 1, 0)
      let normalised = shape.isNormalised ? rows : 0
      func matrices(_ count: Int) -> [Matrix] {
        (0..<count).map { _ in plan.matrix(rows, shape.hidden) }
      }
      hidden = matrices(between)
      activated = matrices(between)
      bottleneck = plan.matrix(normalised, shape.bottleneck)
      direction = plan.matrix(normalised, shape.bottleneck)
      norms = plan.buffer(normalised)
      prototypeNorms = plan.buffer(shape.prototypes)
      training =
        forTraining
        ? Training(
          dHidden: matrices(min(2, between)), dBottleneck: plan.matrix(normalised, shape.bottleneck)
        )
        : nil
    }
  }

  /// As `F.normalize` in the official head.
  private static let eps: Float = 1e-12

  package init() {}

  /// Takes the norms of the prototypes; before the first `forward` after the parameters changed.
  package func prepare(_ kernels: any Kernels, _ weights: Parameters, pass: Pass) {
    guard let prototypes = weights.prototypes else { return }
    kernels.prototypeNorms(prototypes.weightV, into: pass.prototypeNorms)
  }

  /// The forward pass, from features x [rows, D] to logits [rows, outputs].
  package func forward(
    _ kernels: any Kernels, _ weights: Parameters, _ x: Matrix, pass: Pass, into logits: Matrix
  ) {
    guard let last = weights.layers.last else { return kernels.copy(x.buffer, to: logits.buffer) }
    var input = x
    for (number, layer) in weights.layers.dropLast().enumerated() {
      let activated = pass.activated[number].first(x.rows)
      kernels.linear(
        input, layer, into: pass.hidden[number].first(x.rows), .gelu, activated: activated)
      input = activated
    }
    guard weights.isNormalised else { return kernels.linear(input, last, into: logits) }
    let bottleneck = pass.bottleneck.first(x.rows)
    let direction = pass.direction.first(x.rows)
    kernels.linear(input, last, into: bottleneck)
    kernels.l2Normalise(
      bottleneck, eps: Self.eps, norms: pass.norms[0..<x.rows], into: direction)
    guard let prototypes = weights.prototypes else {
      return kernels.copy(direction.buffer, to: logits.buffer)
    }
    kernels.prototypes(
      direction, v: prototypes.weightV, g: prototypes.weightG, norms: pass.prototypeNorms,
      into: logits)
  }

  /// The backward pass of the last `forward`. Gradients by parameters are added to `gradients`; those of
  /// the prototypes are complete after `finishGradients`.
  package func backward(
    _ kernels: any Kernels, dLogits: Matrix, x: Matrix, _ weights: Parameters,
    _ gradients: Parameters, pass: Pass, dx: Matrix
  ) {
    let training = pass.training!
    let rows = x.rows
    var dy =
      weights.isNormalised
      ? unitVectorsBackward(kernels, dLogits: dLogits, weights, gradients, pass: pass) : dLogits
    for number in weights.layers.indices.reversed() {
      let (layer, gradient) = (weights.layers[number], gradients.layers[number])
      guard number > 0 else {
        return kernels.linearBackward(dy, x: x, layer, gradient, dx: dx)
      }
      let hidden = training.dHidden[number % training.dHidden.count].first(rows)
      kernels.linearParameterGradients(
        dy, x: pass.activated[number - 1].first(rows), gradient)
      kernels.linearInputGradient(
        dy, layer, .gelu, x: pass.hidden[number - 1].first(rows), dx: hidden)
      dy = hidden
    }
  }

  /// The backward pass of prototypes and normalisation. Returns the gradient by the last layer's output.
  private func unitVectorsBackward(
    _ kernels: any Kernels, dLogits: Matrix, _ weights: Parameters, _ gradients: Parameters,
    pass: Pass
  ) -> Matrix {
    let rows = dLogits.rows
    let dBottleneck = pass.training!.dBottleneck.first(rows)
    let direction = pass.direction.first(rows)
    var dDirection = dLogits
    if let prototypes = weights.prototypes, let gradients = gradients.prototypes {
      kernels.prototypesBackward(
        dLogits, x: direction, v: prototypes.weightV, g: prototypes.weightG,
        norms: pass.prototypeNorms, dx: dBottleneck, dV: gradients.weightV)
      dDirection = dBottleneck
    }
    kernels.l2NormaliseBackward(
      dDirection, y: direction, norms: pass.norms[0..<rows], eps: Self.eps, dx: dBottleneck)
    return dBottleneck
  }

  /// Completes gradients that began at zero, once all backward passes have added theirs.
  package func finishGradients(
    _ kernels: any Kernels, _ weights: Parameters, _ gradients: Parameters
  ) {
    guard let weights = weights.prototypes, let gradients = gradients.prototypes else { return }
    kernels.weightNormBackward(
      v: weights.weightV, g: weights.weightG, dV: gradients.weightV, dG: gradients.weightG)
  }
}
