import Engine
import Kernels
import Model
import Recipe
import Support
import Tensor

/// Times each coarse kernel at the sizes of a recipe's training step.
package struct KernelBench {
  /// The fastest call of a kernel.
  package struct Line: Sendable {
    package var name: String
    package var seconds: Double
    /// The floating-point operations of its matrix products; 0 if it has none.
    package var flops: Double
    /// The bytes that the kernel reads and writes at least, with four bytes for each value.
    package var bytes: Double
  }

  private let kernels: any Kernels
  private let recipe: Recipe

  package init(_ recipe: Recipe, kernels: any Kernels) {
    self.recipe = recipe
    self.kernels = kernels
  }

  /// Times each kernel for about `seconds`, only those whose names begin with `beginning`.
  package func run(seconds: Double, only beginning: String = "") throws(MemoryError) -> [Line] {
    let plan = ArenaPlan(for: kernels.device)
    let cases = cases(plan).filter { $0.name.hasPrefix(beginning) }
    try kernels.reserve(plan)
    // Positive and close to one, so that the values stay in range when a kernel repeats.
    var random = CounterRandom(seed: 1, use: .test, 0)
    let noise = (0..<1 << 16).map { _ in
      // Each half of the bits is such a number in bfloat16, too.
      Float(bitPattern: (random.uniform(0.5, 1.5).bitPattern >> 16) &* 0x1_0001)
    }
    for start in stride(from: 0, to: plan.peak, by: noise.count) {
      let count = min(noise.count, plan.peak - start)
      kernels.upload(Array(noise[..<count]), to: Buffer(offset: start, count: count))
    }
    return cases.map { time($0, seconds) }
  }

  private struct Case {
    let name: String
    let bytes: Double
    let body: () -> Void
  }

  private func time(_ one: Case, _ seconds: Double) -> Line {
    one.body()
    let counted = kernels.floatingPointOperations
    one.body()
    let flops = kernels.floatingPointOperations - counted
    var best = Double.infinity
    let end = Clock.monotonic() + seconds
    repeat {
      let start = Clock.monotonic()
      one.body()
      best = min(best, Clock.monotonic() - start)
    } while Clock.monotonic() < end
    return Line(name: one.name, seconds: best, flops: flops, bytes: one.bytes)
  }

  private func cases(_ plan: ArenaPlan) -> [Case] {
    let shape = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
    let backbone = shape.network.backbone
    let groups = shape.studentGroups.map { $0.sequences(backbone) }
    let tokens = groups.reduce(0) { $0 + $1.tokens }
    let width = backbone.embedDim
    let hidden = backbone.hiddenWidth
    return linears(
      plan, tokens, [(width, 3 * width), (width, width), (width, hidden), (hidden, width)])
      + attention(plan, groups, tokens: tokens, width: width, heads: backbone.numHeads)
      + activated(plan, tokens, width, hidden) + [norm(plan, tokens, width)]
      + head(plan, shape.network.dinoHead, rows: shape.maskedPatches)
      + optimiser(plan, count: shape.network.layout.count)
  }

  /// The element in which a step stores what only matrix products read.
  private var factors: Element { kernels.device.activationElement }

  private func linears(_ plan: ArenaPlan, _ rows: Int, _ sizes: [(Int, Int)]) -> [Case] {
    sizes.flatMap { inputs, outputs in
      let (x, dx) = (plan.matrix(rows, inputs, factors), plan.matrix(rows, inputs))
      let (y, dy) = (plan.matrix(rows, outputs), plan.matrix(rows, outputs, factors))
      let (w, dw) = (plan.matrix(outputs, inputs), plan.matrix(outputs, inputs))
      let (b, db) = (plan.buffer(outputs), plan.buffer(outputs))
      let bytes = 4 * Double(rows * (inputs + outputs) + inputs * outputs)
      return [
        Case(name: "linear \(inputs) to \(outputs)", bytes: bytes) {
          kernels.linear(x, weight: w, bias: b, into: y)
        },
        Case(name: "linear \(inputs) to \(outputs), backward", bytes: 2 * bytes) {
          kernels.linearBackward(dy, x: x, weight: w, dx: dx, dWeight: dw, dBias: db)
        },
      ]
    }
  }

  private func attention(
    _ plan: ArenaPlan, _ groups: [SequenceGroup], tokens: Int, width: Int, heads: Int
  ) -> [Case] {
    let (qkv, dQKV) = (plan.matrix(tokens, 3 * width, factors), plan.matrix(tokens, 3 * width))
    let (out, dOut) = (plan.matrix(tokens, width, factors), plan.matrix(tokens, width))
    let sums = plan.buffer(tokens * heads)
    let bytes = 4 * Double(4 * tokens * width)
    return [
      Case(name: "attention", bytes: bytes) {
        kernels.attention(qkv, sequences: groups, heads: heads, logSumExp: sums, into: out)
      },
      Case(name: "attention, backward", bytes: 2 * bytes) {
        kernels.attentionBackward(
          dOut, qkv: qkv, out: out, sequences: groups, heads: heads, logSumExp: sums, dQKV: dQKV)
      },
    ]
  }

  private func norm(_ plan: ArenaPlan, _ rows: Int, _ width: Int) -> Case {
    let (x, y, unit) = (
      plan.matrix(rows, width), plan.matrix(rows, width), plan.matrix(rows, width)
    )
    let (w, b, rstd) = (plan.buffer(width), plan.buffer(width), plan.buffer(rows))
    return Case(name: "layer norm", bytes: 12 * Double(rows * width)) {
      kernels.layerNorm(
        x, rows: nil, weight: w, bias: b, eps: 1e-6, normalised: unit, rstd: rstd, into: y)
    }
  }

  /// Returns the two matrix products of a feed-forward layer that include its GELU.
  private func activated(_ plan: ArenaPlan, _ rows: Int, _ width: Int, _ hidden: Int) -> [Case] {
    let (x, dy) = (plan.matrix(rows, width, factors), plan.matrix(rows, width, factors))
    let (wide, dWide) = (plan.matrix(rows, hidden, factors), plan.matrix(rows, hidden, factors))
    let (widen, narrow) = (plan.matrix(hidden, width), plan.matrix(width, hidden))
    let (bias, activated) = (plan.buffer(hidden), plan.matrix(rows, hidden, factors))
    let bytes = 4 * Double(rows * (width + 2 * hidden) + width * hidden)
    return [
      Case(name: "linear \(width) to \(hidden), gelu", bytes: bytes) {
        kernels.linear(x, weight: widen, bias: bias, into: wide, .gelu, activated: activated)
      },
      Case(
        name: "linear \(hidden) to \(width), input gradient, gelu",
        bytes: bytes + 4 * Double(rows * hidden)
      ) {
        kernels.linearInputGradient(
          dy, weight: narrow, .gelu, x: wide, dx: dWide, activated: activated)
      },
    ]
  }

  private func head(_ plan: ArenaPlan, _ shape: HeadShape, rows: Int) -> [Case] {
    let (x, dx) = (plan.matrix(rows, shape.bottleneck), plan.matrix(rows, shape.bottleneck))
    let v = plan.matrix(shape.prototypes, shape.bottleneck)
    let dV = plan.matrix(shape.prototypes, shape.bottleneck)
    let g = plan.buffer(shape.prototypes)
    let norms = plan.buffer(shape.prototypes)
    let (logits, targets) = (
      plan.matrix(rows, shape.prototypes), plan.matrix(rows, shape.prototypes)
    )
    let (weights, losses) = (plan.buffer(rows), plan.buffer(rows))
    let (values, parameters) = (
      4 * Double(rows * shape.prototypes), 4 * Double(shape.prototypes * shape.bottleneck)
    )
    return [
      Case(name: "prototypes", bytes: values + parameters) {
        kernels.prototypeNorms(v, into: norms)
        kernels.prototypes(x, v: v, g: g, norms: norms, into: logits)
      },
      Case(name: "prototypes, backward", bytes: 2 * values + 2 * parameters) {
        kernels.prototypesBackward(logits, x: x, v: v, g: g, norms: norms, dx: dx, dV: dV)
      },
      Case(name: "cross-entropy and its gradient", bytes: 3 * values) {
        kernels.crossEntropy(
          logits, targets: targets, weights: weights, temperature: 0.1, losses: losses)
      },
      Case(name: "Sinkhorn-Knopp", bytes: 2 * values) {
        kernels.sinkhornKnopp([targets], temperature: 0.07, iterations: 3)
      },
    ]
  }

  private func optimiser(_ plan: ArenaPlan, count: Int) -> [Case] {
    let parts = (0..<5).map { _ in plan.buffer(count) }
    let segment = ParameterSegment(range: 0..<count, lr: 1e-4, weightDecay: 0.04, gradientScale: 1)
    return [
      Case(name: "AdamW and the teacher's average", bytes: 36 * Double(count)) {
        kernels.adamW(
          parts[0], gradients: parts[1], expAvg: parts[2], expAvgSq: parts[3], average: parts[4],
          segments: [segment],
          settings: AdamWSettings(beta1: 0.9, beta2: 0.999, step: 1, momentum: 0.99))
      }
    ]
  }
}
