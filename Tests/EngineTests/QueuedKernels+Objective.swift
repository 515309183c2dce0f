import Kernels
import Tensor

extension QueuedKernels {
  func allReduceSum(_ x: Buffer, as element: Element) {
    enqueue { $0.allReduceSum(x, as: element) }
  }

  func allReduceSum(_ x: Scalars) {
    enqueue { $0.allReduceSum(x) }
  }

  func startReduce(
    _ x: Buffer, stride: Int, into sums: Buffer, isAdded: Bool, as element: Element
  ) -> CollectiveTicket {
    enqueue {
      $0.finish($0.startReduce(x, stride: stride, into: sums, isAdded: isAdded, as: element))
    }
    return CollectiveTicket()
  }

  func startGather(
    _ x: Buffer, stride: Int, as element: Element, after earlier: CollectiveTicket
  ) -> CollectiveTicket {
    enqueue { $0.finish($0.startGather(x, stride: stride, as: element)) }
    return CollectiveTicket()
  }

  func finish(_ ticket: CollectiveTicket) {}

  func add(_ source: Scalars, to target: Scalars) {
    enqueue { $0.add(source, to: target) }
  }

  func broadcast(_ x: Buffer) {
    enqueue { $0.broadcast(x) }
  }
}

extension QueuedKernels {
  func l2Normalise(_ x: Matrix, eps: Float, norms: Buffer, into y: Matrix) {
    enqueue { $0.l2Normalise(x, eps: eps, norms: norms, into: y) }
  }

  func l2NormaliseBackward(_ dy: Matrix, y: Matrix, norms: Buffer, eps: Float, dx: Matrix) {
    enqueue { $0.l2NormaliseBackward(dy, y: y, norms: norms, eps: eps, dx: dx) }
  }

  func prototypeNorms(_ v: Matrix, into norms: Buffer) {
    enqueue { $0.prototypeNorms(v, into: norms) }
  }

  func prototypes(_ x: Matrix, v: Matrix, g: Buffer, norms: Buffer, into logits: Matrix) {
    enqueue { $0.prototypes(x, v: v, g: g, norms: norms, into: logits) }
  }

  func prototypesBackward(
    _ dLogits: Matrix, x: Matrix, v: Matrix, g: Buffer, norms: Buffer, dx: Matrix, dV: Matrix
  ) {
    enqueue { $0.prototypesBackward(dLogits, x: x, v: v, g: g, norms: norms, dx: dx, dV: dV) }
  }

  func weightNormBackward(v: Matrix, g: Buffer, dV: Matrix, dG: Buffer) {
    enqueue { $0.weightNormBackward(v: v, g: g, dV: dV, dG: dG) }
  }
}

extension QueuedKernels {
  func sinkhornKnopp(_ logits: [Matrix], temperature: Float, iterations: Int) {
    enqueue { $0.sinkhornKnopp(logits, temperature: temperature, iterations: iterations) }
  }

  func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float) {
    enqueue { $0.centeredSoftmax(logits, center: center, temperature: temperature) }
  }

  func updateCenter(_ center: Buffer, rows: [Matrix], power: Int, momentum: Float) {
    enqueue { $0.updateCenter(center, rows: rows, power: power, momentum: momentum) }
  }

  func standardise(_ x: Matrix, mean: Buffer, square: Buffer, eps: Float) {
    enqueue { $0.standardise(x, mean: mean, square: square, eps: eps) }
  }
}

extension QueuedKernels {
  func crossEntropy(
    _ logits: Matrix, targets: Matrix, weights: Buffer, temperature: Float, losses: Buffer
  ) {
    enqueue {
      $0.crossEntropy(
        logits, targets: targets, weights: weights, temperature: temperature, losses: losses)
    }
  }

  func alignment(_ x: Matrix, targets: Matrix, weights: Buffer, losses: Buffer) {
    enqueue { $0.alignment(x, targets: targets, weights: weights, losses: losses) }
  }

  func featureDistance(
    _ x: Matrix, targets: Matrix, weights: Buffer, cosine: Float, smoothL1: Float, losses: Buffer
  ) {
    enqueue {
      $0.featureDistance(
        x, targets: targets, weights: weights, cosine: cosine, smoothL1: smoothL1, losses: losses)
    }
  }

  func codingRate(
    _ x: Matrix, with other: Matrix, scale: Double, weight: Double, gradientWeight: Double,
    dx: Matrix, to result: Scalar
  ) {
    enqueue {
      $0.codingRate(
        x, with: other, scale: scale, weight: weight, gradientWeight: gradientWeight, dx: dx,
        to: result)
    }
  }

  func koleo(_ x: Matrix, weight: Float, workspace: KoLeoWorkspace, dx: Matrix, losses: Buffer) {
    enqueue { $0.koleo(x, weight: weight, workspace: workspace, dx: dx, losses: losses) }
  }
}

extension QueuedKernels {
  func adamW(
    _ parameters: Buffer, gradients: Buffer, expAvg: Buffer, expAvgSq: Buffer, average: Buffer,
    segments: [ParameterSegment], settings: AdamWSettings
  ) {
    enqueue {
      $0.adamW(
        parameters, gradients: gradients, expAvg: expAvg, expAvgSq: expAvgSq, average: average,
        segments: segments, settings: settings)
    }
  }

  func addSumOfSquares(_ x: Buffer, to result: Scalar) {
    enqueue { $0.addSumOfSquares(x, to: result) }
  }

  func addSum(_ x: Buffer, weights: Buffer?, to result: Scalar) {
    enqueue { $0.addSum(x, weights: weights, to: result) }
  }
}

extension QueuedKernels {
  func twinShare(_ x: Matrix, every: Int, cosine: Float, into result: Scalar) {
    enqueue { $0.twinShare(x, every: every, cosine: cosine, into: result) }
  }

  func directionSpread(_ x: Matrix, into result: Scalar) {
    enqueue { $0.directionSpread(x, into: result) }
  }

  func effectiveRank(_ x: Matrix, into result: Scalar) {
    enqueue { $0.effectiveRank(x, into: result) }
  }

  func distinctArgmax(_ x: Matrix, into result: Scalar) {
    enqueue { $0.distinctArgmax(x, into: result) }
  }

  func meanEntropy(_ probabilities: Matrix, into result: Scalar) {
    enqueue { $0.meanEntropy(probabilities, into: result) }
  }

  func argmaxAgreement(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    enqueue { $0.argmaxAgreement(a, b, into: result) }
  }

  func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    enqueue { $0.meanCentredCosine(a, b, into: result) }
  }
}
