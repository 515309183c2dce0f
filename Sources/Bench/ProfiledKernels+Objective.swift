import Kernels
import Tensor

/// Those of heads, targets, losses, the optimiser and statistics.
extension ProfiledKernels {
  package func l2Normalise(_ x: Matrix, eps: Float, norms: Buffer, into y: Matrix) {
    profile("l2Normalise", [x.touched, norms.touched, y.touched]) {
      base.l2Normalise(x, eps: eps, norms: norms, into: y)
    }
  }

  package func l2NormaliseBackward(_ dy: Matrix, y: Matrix, norms: Buffer, eps: Float, dx: Matrix) {
    profile("l2NormaliseBackward", [dy.touched, y.touched, norms.touched, dx.touched]) {
      base.l2NormaliseBackward(dy, y: y, norms: norms, eps: eps, dx: dx)
    }
  }

  package func prototypeNorms(_ v: Matrix, into norms: Buffer) {
    profile("prototypeNorms", [v.touched, norms.touched]) {
      base.prototypeNorms(v, into: norms)
    }
  }

  package func prototypes(_ x: Matrix, v: Matrix, g: Buffer, norms: Buffer, into logits: Matrix) {
    profile("prototypes", of: v, [x.touched, v.touched, g.touched, norms.touched, logits.touched]) {
      base.prototypes(x, v: v, g: g, norms: norms, into: logits)
    }
  }

  package func prototypesBackward(
    _ dLogits: Matrix, x: Matrix, v: Matrix, g: Buffer, norms: Buffer, dx: Matrix, dV: Matrix
  ) {
    profile(
      "prototypesBackward", of: v,
      [dLogits.touched, x.touched, v.touched, g.touched, norms.touched, dx.touched, dV.touched]
    ) {
      base.prototypesBackward(dLogits, x: x, v: v, g: g, norms: norms, dx: dx, dV: dV)
    }
  }

  package func weightNormBackward(v: Matrix, g: Buffer, dV: Matrix, dG: Buffer) {
    profile("weightNormBackward", [v.touched, g.touched, dV.touched, dG.touched]) {
      base.weightNormBackward(v: v, g: g, dV: dV, dG: dG)
    }
  }

  package func sinkhornKnopp(_ logits: [Matrix], temperature: Float, iterations: Int) {
    profile("sinkhornKnopp", [logits.reduce(0) { $0 + $1.touched }]) {
      base.sinkhornKnopp(logits, temperature: temperature, iterations: iterations)
    }
  }

  package func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float) {
    profile("centeredSoftmax", [logits.touched, center.touched]) {
      base.centeredSoftmax(logits, center: center, temperature: temperature)
    }
  }

  package func updateCenter(_ center: Buffer, rows: [Matrix], power: Int, momentum: Float) {
    profile("updateCenter", [center.touched, rows.reduce(0) { $0 + $1.touched }]) {
      base.updateCenter(center, rows: rows, power: power, momentum: momentum)
    }
  }

  package func standardise(_ x: Matrix, mean: Buffer, square: Buffer, eps: Float) {
    profile("standardise", [x.touched, mean.touched, square.touched]) {
      base.standardise(x, mean: mean, square: square, eps: eps)
    }
  }

  package func crossEntropy(
    _ logits: Matrix, targets: Matrix, weights: Buffer, temperature: Float, losses: Buffer
  ) {
    profile("crossEntropy", [logits.touched, targets.touched, weights.touched, losses.touched]) {
      base.crossEntropy(
        logits, targets: targets, weights: weights, temperature: temperature, losses: losses)
    }
  }

  package func alignment(_ x: Matrix, targets: Matrix, weights: Buffer, losses: Buffer) {
    profile("alignment", [x.touched, targets.touched, weights.touched, losses.touched]) {
      base.alignment(x, targets: targets, weights: weights, losses: losses)
    }
  }

  package func featureDistance(
    _ x: Matrix, targets: Matrix, weights: Buffer, cosine: Float, smoothL1: Float, losses: Buffer
  ) {
    profile("featureDistance", [x.touched, targets.touched, weights.touched, losses.touched]) {
      base.featureDistance(
        x, targets: targets, weights: weights, cosine: cosine, smoothL1: smoothL1, losses: losses)
    }
  }

  package func codingRate(
    _ x: Matrix, with other: Matrix, scale: Double, weight: Double, gradientWeight: Double,
    dx: Matrix, to result: Scalar
  ) {
    profile("codingRate", [x.touched, other.touched, dx.touched]) {
      base.codingRate(
        x, with: other, scale: scale, weight: weight, gradientWeight: gradientWeight, dx: dx,
        to: result)
    }
  }

  package func koleo(
    _ x: Matrix, weight: Float, workspace: KoLeoWorkspace, dx: Matrix, losses: Buffer
  ) {
    profile("koleo", [x.touched, dx.touched, losses.touched]) {
      base.koleo(x, weight: weight, workspace: workspace, dx: dx, losses: losses)
    }
  }

  package func adamW(
    _ parameters: Buffer, gradients: Buffer, expAvg: Buffer, expAvgSq: Buffer, average: Buffer,
    segments: [ParameterSegment], settings: AdamWSettings
  ) {
    profile(
      "adamW",
      [parameters.touched, gradients.touched, expAvg.touched, expAvgSq.touched, average.touched]
    ) {
      base.adamW(
        parameters, gradients: gradients, expAvg: expAvg, expAvgSq: expAvgSq, average: average,
        segments: segments, settings: settings)
    }
  }

  package func addSumOfSquares(_ x: Buffer, to result: Scalar) {
    profile("addSumOfSquares", [x.touched]) {
      base.addSumOfSquares(x, to: result)
    }
  }

  package func addSum(_ x: Buffer, weights: Buffer?, to result: Scalar) {
    profile("addSum", [x.touched, weights?.touched]) {
      base.addSum(x, weights: weights, to: result)
    }
  }

  package func twinShare(_ x: Matrix, every: Int, cosine: Float, into result: Scalar) {
    profile("twinShare", [x.touched]) {
      base.twinShare(x, every: every, cosine: cosine, into: result)
    }
  }

  package func directionSpread(_ x: Matrix, into result: Scalar) {
    profile("directionSpread", [x.touched]) {
      base.directionSpread(x, into: result)
    }
  }

  package func effectiveRank(_ x: Matrix, into result: Scalar) {
    profile("effectiveRank", [x.touched]) {
      base.effectiveRank(x, into: result)
    }
  }

  package func distinctArgmax(_ x: Matrix, into result: Scalar) {
    profile("distinctArgmax", [x.touched]) {
      base.distinctArgmax(x, into: result)
    }
  }

  package func meanEntropy(_ probabilities: Matrix, into result: Scalar) {
    profile("meanEntropy", [probabilities.touched]) {
      base.meanEntropy(probabilities, into: result)
    }
  }

  package func argmaxAgreement(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    profile("argmaxAgreement", [a.touched, b.touched]) {
      base.argmaxAgreement(a, b, into: result)
    }
  }

  package func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    profile("meanCentredCosine", [a.touched, b.touched]) {
      base.meanCentredCosine(a, b, into: result)
    }
  }
}
