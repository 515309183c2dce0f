import Tensor

/// Fully connected layers, as PyTorch stores them: weight [outputs, inputs].
package protocol LinearKernels {
  /// y = x · weightᵀ + bias. x: [rows, inputs], y: [rows, outputs].
  func linear(_ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix)

  /// The gradient of `linear` by x, written to dx.
  func linearInputGradient(_ dy: Matrix, weight: Matrix, dx: Matrix)

  /// The gradients of `linear` by its parameters, added to dWeight and dBias.
  func linearParameterGradients(_ dy: Matrix, x: Matrix, dWeight: Matrix, dBias: Buffer?)

  /// y = a · b, or aᵀ · b if `transposed`; added to y if `accumulate`.
  func multiply(_ a: Matrix, transposed: Bool, _ b: Matrix, accumulate: Bool, into y: Matrix)
}

extension LinearKernels {
  /// The gradients of `linear`; without `dx` only those by its parameters.
  package func linearBackward(
    _ dy: Matrix, x: Matrix, weight: Matrix, dx: Matrix?, dWeight: Matrix, dBias: Buffer?
  ) {
    if let dx { linearInputGradient(dy, weight: weight, dx: dx) }
    linearParameterGradients(dy, x: x, dWeight: dWeight, dBias: dBias)
  }
}

/// A run of sequences of equal length in a packed token matrix.
package struct SequenceGroup: Sendable, Equatable {
  package var count: Int
  package var length: Int

  /// The number of tokens in all of the sequences.
  package var tokens: Int { count * length }

  package init(count: Int, length: Int) {
    self.count = count
    self.length = length
  }
}

/// Consecutive rows with the same factor; segments follow one another.
package struct RowSegment: Sendable, Equatable {
  package var count: Int
  package var factor: Float

  package init(count: Int, factor: Float) {
    self.count = count
    self.factor = factor
  }
}

/// The sides of a grid of patches.
package struct GridSize: Sendable, Equatable {
  package var rows: Int
  package var columns: Int

  /// The patches of a grid.
  package var patches: Int { rows * columns }

  package init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }
}

/// Between images and tokens, and between token matrices.
package protocol TokenKernels {
  /// Images [n, channels, rows·patch, columns·patch] to patches [n·rows·columns, channels·patch²], in
  /// the element order of a convolution's weight.
  func patchify(_ images: Buffer, patch: Int, rows: Int, columns: Int, into patches: Matrix)

  /// Tokens of a crop group: CLS, registers, then patches (the mask token in the place of masked
  /// ones) with positions added to CLS and patches, if there are any.
  /// tokens: [n·(1 + registers + N), D]; positions: [1 + N, D]; masks: n·N zeros and ones.
  func assembleTokens(
    patches: Matrix, cls: Buffer, registers: Matrix?, maskToken: Buffer, masks: Indices?,
    positions: Matrix?, into tokens: Matrix)

  /// Gradients of `assembleTokens`; all but `dPatches` are added to.
  func assembleTokensBackward(
    _ dTokens: Matrix, masks: Indices?, dPatches: Matrix, dCls: Buffer, dRegisters: Matrix?,
    dMaskToken: Buffer, dPositions: Matrix)

  /// Resizes the feature maps of images from one grid of patches to another, bilinearly; where a side becomes
  /// shorter, the triangle is as much wider, so that every patch counts (`interpolate` with `antialias` in
  /// PyTorch). x: [n·from.patches, D]; y: [n·to.patches, D].
  func resizeGrids(_ x: Matrix, from: GridSize, into y: Matrix, to: GridSize)

  /// y[i] = x[rows[i]]
  func gather(_ x: Matrix, rows: Indices, into y: Matrix)

  /// x[rows[i]] += factor(i) × scale × y[i]: a residual branch with LayerScale, computed for some
  /// sequences alone (efficient stochastic depth). rows nil: all, in order; no row twice.
  func addResidual(_ y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], to x: Matrix)

  /// Gradients of `addResidual` by y and scale; that by x is dx itself, left as it is.
  func addResidualBackward(
    _ dx: Matrix, y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], dy: Matrix,
    dScale: Buffer)
}

/// LayerNorm, reading and adding to chosen rows.
package protocol NormKernels {
  /// normalised[i] = (x[rows[i]] − mean) × rstd[i], rstd = 1 / √(variance + eps);
  /// y = normalised × weight + bias.
  /// rows nil: all, in order. `normalised` and `rstd` are what the backward pass needs.
  func layerNorm(
    _ x: Matrix, rows: Indices?, weight: Buffer, bias: Buffer, eps: Float, normalised: Matrix,
    rstd: Buffer, into y: Matrix)

  /// y = normalised × weight + bias: the end of `layerNorm` once more.
  func layerNormOutput(_ normalised: Matrix, weight: Buffer, bias: Buffer, into y: Matrix)

  /// Gradients of `layerNorm`. That by x is *added* to dx[rows[i]], where the residual's own
  /// gradient already is; no row twice.
  func layerNormBackward(
    _ dy: Matrix, normalised: Matrix, rstd: Buffer, weight: Buffer, rows: Indices?, dx: Matrix,
    dWeight: Buffer, dBias: Buffer)
}

/// Multi-head self-attention inside each sequence of a packed token matrix.
package protocol AttentionKernels {
  /// Turns the queries and keys of patches in place (rotary positions, RoPE). Of a head's query or key, with halves
  /// a and b, a becomes a·cos − b·sin, and b becomes b·cos + a·sin.
  ///
  /// - Parameters:
  ///   - qkv: [tokens, 3·D] as one linear layer gives it; values stay as they are.
  ///   - rotations: for each group of sequences [patches, D / heads], the cosines and then the sines of each patch's
  ///     angles. The patches are the last tokens of a sequence; those before them stay as they are.
  func rotate(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, by rotations: [Matrix])

  /// out = softmax(q kᵀ / √d) v for every sequence and head.
  /// qkv: [tokens, 3·D] as one linear layer gives it; out: [tokens, D];
  /// logSumExp: tokens × heads, kept so that the backward pass need not keep the scores.
  func attention(
    _ qkv: Matrix, sequences: [SequenceGroup], heads: Int, logSumExp: Buffer, into out: Matrix)

  /// Gradient of `attention`, scores recomputed.
  func attentionBackward(
    _ dOut: Matrix, qkv: Matrix, out: Matrix, sequences: [SequenceGroup], heads: Int,
    logSumExp: Buffer, dQKV: Matrix)
}

/// An element-wise non-linearity between two linear layers.
package enum Activation: Sendable {
  /// y = x · Φ(x), the exact GELU.
  case gelu
  /// y = silu(gate) × value, where x = [gate | value], twice as wide as y.
  case swiglu

  /// Columns of x for one of y.
  package var columns: Int { self == .swiglu ? 2 : 1 }
}

/// Linear layers with a non-linearity behind or before them, each part of a product's result taken
/// on while it is in cache (section 5 of the paper: what memory would have to carry twice is fused).
package protocol ActivationKernels {
  /// y = x · weightᵀ + bias and activated = activation(y), of y as it was rounded.
  func linear(
    _ x: Matrix, weight: Matrix, bias: Buffer?, into y: Matrix, _ activation: Activation,
    activated: Matrix)

  /// The gradient of activation(x) · weightᵀ by x, written to dx: that by the layer's input is never
  /// in memory. activated: takes activation(x) once more.
  func linearInputGradient(
    _ dy: Matrix, weight: Matrix, _ activation: Activation, x: Matrix, dx: Matrix,
    activated: Matrix?)
}
