import Kernels
import KernelsCPU
import Tensor
import TestSupport
import Testing

@Suite("Independence of the number of threads")
struct InvarianceTests {
  /// Every kernel once, at sizes that are cut into several pieces; what each leaves behind.
  private func results(_ w: Workspace) -> [String: [UInt32]] {
    var results: [String: [UInt32]] = [:]
    func keep(_ name: String, _ buffers: Buffer...) {
      results[name] = buffers.flatMap { w.values($0).map(\.bitPattern) }
    }
    let k = w.kernels
    layers(w, k, keep)
    tokens(w, k, keep)
    objective(w, k, keep)
    return results
  }

  private typealias Keep = (String, Buffer...) -> Void

  private func layers(_ w: Workspace, _ k: CPUKernels, _ keep: Keep) {
    let (tokens, width) = (700, 51)
    for (name, m, n, inner) in [("rows", 700, 51, 90), ("columns", 60, 900, 51)] {
      let (x, weight, dy) = (w.random(m, inner), w.random(n, inner), w.random(m, n))
      let (y, dx, dWeight, dBias) = (
        w.unset(m, n), w.unset(m, inner), w.random(n, inner), w.random(n)
      )
      k.linear(x, weight: weight, bias: w.random(n), into: y)
      k.linearBackward(dy, x: x, weight: weight, dx: dx, dWeight: dWeight, dBias: dBias)
      keep("linear by \(name)", y.buffer, dx.buffer, dWeight.buffer, dBias)
    }
    let (x, y, unit) = (w.random(tokens, width), w.unset(tokens, width), w.unset(tokens, width))
    let (dx, rstd, gain) = (w.random(tokens, width), w.random(tokens), w.random(width))
    let (dGain, dBias) = (w.random(width), w.random(width))
    k.layerNorm(
      x, rows: nil, weight: gain, bias: gain, eps: 1e-6, normalised: unit, rstd: rstd, into: y)
    k.layerNormBackward(
      y, normalised: unit, rstd: rstd, weight: gain, rows: nil, dx: dx, dWeight: dGain, dBias: dBias
    )
    keep("norm", y.buffer, unit.buffer, dx.buffer, dGain, dBias)
    let sequences = [SequenceGroup(count: 1, length: 300), SequenceGroup(count: 40, length: 10)]
    let (qkv, out, dQKV) = (w.random(tokens, 96), w.unset(tokens, 32), w.unset(tokens, 96))
    let logSumExp = w.random(tokens * 2)
    k.attention(qkv, sequences: sequences, heads: 2, logSumExp: logSumExp, into: out)
    k.attentionBackward(
      out, qkv: qkv, out: out, sequences: sequences, heads: 2, logSumExp: logSumExp, dQKV: dQKV)
    keep("attention", out.buffer, logSumExp, dQKV.buffer)
    activations(w, k, keep)
  }

  private func activations(_ w: Workspace, _ k: CPUKernels, _ keep: Keep) {
    for activation in [Activation.gelu, .swiglu] {
      for (name, m, width, inner) in [("rows", 700, 52, 90), ("columns", 60, 900, 51)] {
        let wide = width * activation.columns
        let (x, weight, bias) = (w.random(m, inner), w.random(wide, inner), w.random(wide))
        let (y, activated, dx) = (w.unset(m, wide), w.unset(m, width), w.unset(m, wide))
        k.linear(x, weight: weight, bias: bias, into: y, activation, activated: activated)
        keep("linear by \(name), \(activation)", y.buffer, activated.buffer)
        k.linearInputGradient(
          x, weight: w.random(inner, width), activation, x: y, dx: dx, activated: activated)
        keep("input gradient by \(name), \(activation)", dx.buffer, activated.buffer)
      }
    }
  }

  private func tokens(_ w: Workspace, _ k: CPUKernels, _ keep: Keep) {
    let (images, width) = (w.random(6 * 3 * 28 * 28), 70)
    let patches = w.unset(6 * 49, 48)
    k.patchify(images, patch: 4, rows: 7, columns: 7, into: patches)
    keep("patchify", patches.buffer)
    let embedded = w.random(6 * 49, width)
    let (registers, positions) = (w.random(2, width), w.random(50, width))
    let masks = w.indices((0..<6 * 49).map { Int32($0 % 3 == 0 ? 1 : 0) })
    let out = w.unset(6 * 52, width)
    let vector = w.random(width)
    k.assembleTokens(
      patches: embedded, cls: vector, registers: registers, maskToken: vector, masks: masks,
      positions: positions, into: out)
    keep("assemble", out.buffer)
    let (dCls, dMask) = (w.random(width), w.random(width))
    k.assembleTokensBackward(
      out, masks: masks, dPatches: embedded, dCls: dCls, dRegisters: registers, dMaskToken: dMask,
      dPositions: positions)
    keep("assembleBackward", embedded.buffer, dCls, dMask, registers.buffer, positions.buffer)
    let rows = w.indices(w.subset(250, of: 6 * 52))
    let some = w.unset(250, width)
    let (dSome, dScale) = (w.unset(250, width), w.random(width))
    let segments = [RowSegment(count: 100, factor: 2), RowSegment(count: 150, factor: 1.3)]
    k.gather(out, rows: rows, into: some)
    k.addResidual(some, scale: vector, rows: rows, segments: segments, to: out)
    k.addResidualBackward(
      out, y: some, scale: vector, rows: rows, segments: segments, dy: dSome, dScale: dScale)
    keep("residual", some.buffer, out.buffer, dSome.buffer, dScale)
  }

  private func features(
    _ w: Workspace, _ k: CPUKernels, _ keep: Keep, center: Buffer, targets: Matrix
  ) {
    let (rows, count) = (targets.rows, targets.columns)
    let losses = w.random(rows)
    let (features, square) = (w.random(rows, count), w.random(count))
    k.updateCenter(square, rows: [features], power: 2, momentum: 0.9)
    k.standardise(targets, mean: center, square: square, eps: 1e-6)
    k.featureDistance(
      features, targets: targets, weights: w.random(rows), cosine: 0.9, smoothL1: 0.1,
      losses: losses)
    keep("features", square, targets.buffer, features.buffer, losses)
  }

  private func objective(_ w: Workspace, _ k: CPUKernels, _ keep: Keep) {
    let (rows, count) = (50, 1500)
    let (x, unit, norms) = (w.random(rows, 24), w.unset(rows, 24), w.random(rows))
    let (v, g, lengths) = (w.random(count, 24), w.random(count), w.random(count))
    let (logits, targets) = (w.unset(rows, count), w.unset(rows, count))
    k.l2Normalise(x, eps: 1e-12, norms: norms, into: unit)
    k.prototypeNorms(v, into: lengths)
    k.prototypes(unit, v: v, g: g, norms: lengths, into: logits)
    keep("prototypes", unit.buffer, norms, lengths, logits.buffer)
    let center = w.random(count)
    k.updateCenter(center, rows: [logits], momentum: 0.9)
    k.copy(logits.buffer, to: targets.buffer)
    k.centeredSoftmax(targets, center: center, temperature: 0.05)
    keep("centered", center, targets.buffer)
    k.copy(logits.buffer, to: targets.buffer)
    k.sinkhornKnopp([targets], temperature: 0.05, iterations: 3)
    keep("sinkhorn", targets.buffer)
    let losses = w.random(rows)
    k.crossEntropy(
      logits, targets: targets, weights: w.random(rows), temperature: 0.1, losses: losses)
    keep("crossEntropy", logits.buffer, losses)
    features(w, k, keep, center: center, targets: targets)
    let (dx, dV, dG) = (w.unset(rows, 24), w.unset(count, 24), w.random(count))
    k.fill(dV.buffer, with: 0)
    k.prototypesBackward(logits, x: unit, v: v, g: g, norms: lengths, dx: dx, dV: dV)
    keep("prototypesBackward", dx.buffer, dV.buffer)
    k.weightNormBackward(v: v, g: g, dV: dV, dG: dG)
    keep("weightNormBackward", dV.buffer, dG)
    k.l2NormaliseBackward(dx, y: unit, norms: norms, eps: 1e-12, dx: dx)
    k.koleo(
      x, weight: 1, workspace: KoLeoWorkspace(w.plan, samples: rows, width: 24), dx: dx,
      losses: losses)
    keep("koleo", dx.buffer, losses)
    optimiser(w, k, keep)
    numbers(w, k, keep, features: (x, unit, dx), prototypes: v, logits, targets)
  }

  private func optimiser(_ w: Workspace, _ k: CPUKernels, _ keep: Keep) {
    let parameters = w.random(200_003)
    let segments = [ParameterSegment(range: 5..<200_003, lr: 1, weightDecay: 1, gradientScale: 1)]
    let (m, square) = (w.random(200_003), w.buffer(200_003, filled: 1))
    let average = w.random(200_003)
    let scalars = w.plan.scalars(2)
    k.fill(scalars.buffer, with: 0)
    k.addSum(parameters, weights: m, to: scalars[0])
    k.addSumOfSquares(parameters, to: scalars[1])
    k.adamW(
      parameters, gradients: m, expAvg: m, expAvgSq: square, average: average,
      segments: segments,
      settings: AdamWSettings(beta1: 0.9, beta2: 0.999, step: 3, momentum: 0.5))
    keep("optimiser", parameters, square, average)
    keep("sums", scalars.buffer)
  }

  /// What reports measure of features, their prototypes and targets.
  private func numbers(
    _ w: Workspace, _ k: CPUKernels, _ keep: Keep,
    features: (x: Matrix, unit: Matrix, dx: Matrix), prototypes v: Matrix, _ logits: Matrix,
    _ targets: Matrix
  ) {
    let (x, unit, dx) = features
    let scalars = w.plan.scalars(5)
    k.fill(scalars.buffer, with: 0)
    k.effectiveRank(x, into: scalars[0])
    k.distinctArgmax(targets, into: scalars[1])
    k.meanEntropy(targets, into: scalars[2])
    k.argmaxAgreement(logits, targets, into: scalars[3])
    k.meanCentredCosine(unit, dx, into: scalars[4])
    keep("numbers", scalars.buffer)
    let components = k.principalComponents(x, count: 3)
    keep("components", w.buffer(components.directions.flatMap(\.self) + components.variances))
    keep("nearest", w.buffer(k.nearest(x, in: v, k: 7).similarities.flatMap { $0 }))
  }

  @Test(
    "one thread, two and three leave the same bits in every kernel",
    arguments: [Precision.fp32, .bf16])
  func threads(precision: Precision) {
    let one = results(Workspace(threads: 1, precision: precision))
    for threads in [2, 3] {
      let more = results(Workspace(threads: threads, precision: precision))
      #expect(one.count == more.count && one.count > 15)
      for (name, bits) in one { #expect(more[name] == bits, "\(name)") }
    }
  }

  /// Inner dimensions of whole tiles, and with a rest.
  @Test(
    "a row's result has the same bits among others and alone",
    arguments: [Precision.fp32, .bf16], [300, 512])
  func rows(precision: Precision, inner: Int) {
    let w = Workspace(precision: precision)
    let (x, weight, bias) = (w.random(117, inner), w.random(130, inner), w.random(130))
    let y = w.unset(117, 130)
    w.kernels.linear(x, weight: weight, bias: bias, into: y)
    let together = w.values(y)
    for row in [0, 5, 15, 16, 31, 33, 95, 96, 116] {
      let alone = w.unset(1, 130)
      let values = Array(w.values(x)[row * inner..<(row + 1) * inner])
      w.kernels.linear(
        w.buffer(values).matrix(1, inner), weight: weight, bias: bias, into: alone)
      #expect(w.values(alone) == Array(together[row * 130..<(row + 1) * 130]))
    }
  }

  /// Fewer rows than columns are computed by columns, for which all of a is packed.
  @Test("the workspace planned for a layer is enough for fewer rows")
  func planned() {
    let w = Workspace(precision: .bf16, capacity: 1 << 24)
    let (inputs, outputs) = (770, 2400)
    let (weight, x) = (w.random(outputs, inputs), w.random(2400, inputs))
    let y = w.rounded(w.unset(2400, outputs))
    for rows in [2400, 2399, 40] {
      w.kernels.linear(x.first(rows), weight: weight, bias: nil, into: y.first(rows))
    }
    let work = KernelWork.linear(rows: 2400, inputs: inputs, outputs: outputs)
    let planned = CPUDevice(precision: .bf16, threads: 2).workspaceBytes(for: [work])
    #expect(w.kernels.workspaceBytesUsed <= planned)
  }

  @Test("a second round at the same sizes asks for no more workspace")
  func workspace() {
    let w = Workspace()
    _ = results(w)
    let bytes = w.kernels.workspaceBytes
    #expect(bytes > 0)
    _ = results(w)
    #expect(w.kernels.workspaceBytes == bytes)
  }
}
