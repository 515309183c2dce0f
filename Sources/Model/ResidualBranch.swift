import Kernels
import Tensor

/// Which tokens of a packed matrix a residual branch computes, and how it counts them.
struct BranchRoute: Sendable {
  /// The computed tokens' rows; nil: all, in order.
  var rows: Indices?
  /// What each run of computed rows is multiplied by as it is added: b / subset.
  var segments: [RowSegment]
  /// The computed sequences, where they are computed whole.
  var sequences: [SequenceGroup]

  var tokens: Int { segments.reduce(0) { $0 + $1.count } }

  /// Everything, counted once.
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

/// What surrounds the body of a residual branch: the norm where it leaves the tokens and the
/// LayerScale with which it comes back.
struct BranchActivations: Sendable {
  let normalised: Matrix
  let rstd: Buffer
  /// The body's output, for LayerScale's gradient.
  let out: Matrix

  /// The routed tokens, normalised, into `normed`.
  func enter(
    _ kernels: any Kernels, _ tokens: Matrix, _ norm: NormParameters, _ route: BranchRoute,
    into normed: Matrix
  ) -> Matrix {
    let count = route.tokens
    let result = normed.first(count)
    kernels.layerNorm(
      tokens, rows: route.rows, weight: norm.weight, bias: norm.bias,
      normalised: normalised.first(count), rstd: rstd[0..<count], into: result)
    return result
  }

  /// What `enter` gave, once more.
  func enterAgain(
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
