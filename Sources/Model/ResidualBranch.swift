import Kernels
import Tensor

/// The tokens of a packed matrix that a residual branch computes, and their factors.
struct BranchRoute: Sendable {
  /// The rows of the tokens; nil for all, in order.
  var rows: Indices?
  /// The factor b / subset of the residual of each group of rows.
  var segments: [RowSegment]
  /// The sequences of the tokens; meaningless where a branch computes only some tokens of a sequence.
  var sequences: [SequenceGroup]

  var tokens: Int { segments.reduce(0) { $0 + $1.count } }

  /// All tokens, with the factor 1.
  init(all sequences: [SequenceGroup]) {
    rows = nil
    self.sequences = sequences
    segments = [RowSegment(count: sequences.reduce(0) { $0 + $1.tokens }, factor: 1)]
  }

  init(rows: Indices?, segments: [RowSegment], sequences: [SequenceGroup]) {
    self.rows = rows
    self.segments = segments
    self.sequences = sequences
  }
}

/// The routes of a block's two branches.
struct BlockRoutes: Sendable {
  var attention: BranchRoute
  var feedForward: BranchRoute
}

/// The activations around the body of a residual branch: those of the norm before it and of the LayerScale
/// behind it.
struct BranchActivations: Sendable {
  let normalised: Matrix
  let rstd: Buffer
  /// The body's output, for LayerScale's gradient.
  let out: Matrix

  /// Normalises the tokens of the route into `normed`, and returns the rows that are used of it.
  func enter(
    _ kernels: any Kernels, _ tokens: Matrix, _ norm: NormParameters, _ route: BranchRoute,
    into normed: Matrix
  ) -> Matrix {
    let count = route.tokens
    let result = normed.first(count)
    kernels.layerNorm(
      tokens, rows: route.rows, weight: norm.weight, bias: norm.bias, eps: norm.eps,
      normalised: normalised.first(count), rstd: rstd[0..<count], into: result)
    return result
  }

  /// Computes the result of `enter` again, from the normalised tokens that were kept.
  func recomputeInput(
    _ kernels: any Kernels, _ norm: NormParameters, _ route: BranchRoute, into normed: Matrix
  ) -> Matrix {
    let result = normed.first(route.tokens)
    kernels.layerNormOutput(
      normalised.first(route.tokens), weight: norm.weight, bias: norm.bias, into: result)
    return result
  }

  func enterBackward(
    _ kernels: any Kernels, _ dNormed: Matrix, _ norm: NormParameters,
    _ gradients: NormParameters, _ route: BranchRoute, dTokens: Matrix
  ) {
    let count = route.tokens
    kernels.layerNormBackward(
      dNormed, normalised: normalised.first(count), rstd: rstd[0..<count], weight: norm.weight,
      rows: route.rows, dx: dTokens, dWeight: gradients.weight, dBias: gradients.bias)
  }

  /// tokens += factor · scale · out
  func leave(
    _ kernels: any Kernels, _ scale: Buffer, _ route: BranchRoute, tokens: Matrix
  ) {
    kernels.addResidual(
      out.first(route.tokens), scale: scale, rows: route.rows, segments: route.segments, to: tokens)
  }

  func leaveBackward(
    _ kernels: any Kernels, _ dTokens: Matrix, _ scale: Buffer, _ route: BranchRoute, dy: Matrix,
    dScale: Buffer
  ) {
    kernels.addResidualBackward(
      dTokens, y: out.first(route.tokens), scale: scale, rows: route.rows,
      segments: route.segments, dy: dy, dScale: dScale)
  }
}
