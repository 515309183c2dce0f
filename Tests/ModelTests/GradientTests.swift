import Kernels
import Model
import Tensor
import Testing

@Suite("Backward passes of the model agree with finite differences")
struct GradientTests {
  /// A backbone's scalar: its features against fixed random numbers.
  private struct BackboneCase {
    let bench = Workbench()
    let layout: ParameterLayout
    let weights: Buffer
    let gradients: Buffer
    let input: PatchInput
    let pass: BackbonePass
    let shape: BackboneShape
    let groups: [CropGroup]

    init(
      _ shape: BackboneShape, _ groups: [CropGroup], retention: Retention = .kept,
      rates: [Double] = []
    ) throws {
      self.shape = shape
      self.groups = groups
      var builder = ParameterBuilder()
      _ = VisionTransformer.Parameters(&builder, shape)
      layout = builder.layout
      weights = bench.plan.buffer(layout.count)
      gradients = bench.plan.buffer(layout.count)
      input = PatchInput(bench.plan, groups: groups, shape)
      pass = BackbonePass(
        bench.plan, shape, groups: groups, outputs: 64, retention: retention,
        dropPathRates: rates)
      try bench.kernels.reserve(bench.plan)
      pass.prepare(bench.kernels)
    }

    func places(_ buffer: Buffer) -> VisionTransformer.Parameters {
      var builder = ParameterBuilder(in: buffer)
      return VisionTransformer.Parameters(&builder, shape)
    }

    /// Some masked patches of the first group, and the tokens whose features are asked for.
    func chosen() -> (masks: [Int32], rows: [Int32]) {
      var masks = [Int32](repeating: 0, count: pass.groups[0].patches)
      for patch in [0, 4, 11, 12, 13, 26] { masks[patch] = 1 }
      var rows: [Int32] = []
      for group in 0..<2 { pass.addClsRows(group: group, to: &rows) }
      pass.addPatchRows(group: 0, [0, 4, 11, 25], to: &rows)
      return (masks, rows)
    }
  }

  private func backboneError(
    _ shape: BackboneShape, keep: [KeptSequences]?, retention: Retention = .kept,
    rates: [Double] = []
  ) throws -> (error: Double, name: String) {
    let groups = [
      CropGroup(count: 3, rows: 3, columns: 3), CropGroup(count: 4, rows: 2, columns: 2),
    ]
    let test = try BackboneCase(shape, groups, retention: retention, rates: rates)
    let bench = test.bench
    for (number, group) in groups.enumerated() {
      let pixels = group.patches * shape.patchElements
      test.input.load(bench.kernels, bench.numbers(pixels), group: number)
    }
    let (masks, rows) = test.chosen()
    let values = test.layout.initialValues(seed: 3).map { $0 + bench.random.normal() * 0.1 }
    let wanted = bench.numbers(rows.count * shape.embedDim)
    let model = VisionTransformer(shape)

    func features(_ values: [Float]) -> Matrix {
      bench.kernels.upload(values, to: test.weights)
      return model.forward(
        bench.kernels, test.places(test.weights), patches: test.input.patches,
        masks: masks, keep: keep, outputRows: rows, pass: test.pass)
    }
    let found = features(values)
    bench.kernels.upload(wanted, to: found.buffer)
    model.backward(
      bench.kernels, dFeatures: found, test.places(test.weights), test.places(test.gradients),
      patches: test.input.patches, pass: test.pass)
    return gradientError(
      values: values, gradient: bench.kernels.download(test.gradients),
      stretches: test.layout.parameters.filter { !$0.name.hasSuffix("qkv.bias") }
        .map { ($0.name, $0.range) },
      step: 2e-2, random: &bench.random
    ) { values in
      zip(bench.kernels.download(features(values).buffer), wanted)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  @Test("of a backbone with MLP, interpolated positions and masked patches")
  func plain() throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 3, hiddenWidth: 40, layerScale: 0.5)
    let worst = try backboneError(shape, keep: nil)
    #expect(worst.error < 1e-2, "\(worst.name)")
  }

  @Test("of a backbone for images of one channel, and of five", arguments: [1, 5])
  func channels(_ channels: Int) throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 1, numHeads: 2, patchSize: 4, channels: channels, grid: 3,
      hiddenWidth: 40, layerScale: 0.5)
    let worst = try backboneError(shape, keep: nil)
    #expect(worst.error < 1e-2, "\(worst.name)")
  }

  @Test("of a backbone with SwiGLU, registers and another trained grid")
  func gated() throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 2, numHeads: 3, patchSize: 4, grid: 5, hiddenWidth: 24, isGated: true,
      registers: 2, layerScale: 0.5, interpolateAntialias: true, interpolateOffset: 0)
    let worst = try backboneError(shape, keep: nil)
    #expect(worst.error < 1e-2, "\(worst.name)")
  }

  @Test("of a backbone under stochastic depth")
  func stochasticDepth() throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 3, hiddenWidth: 40, layerScale: 0.5)
    let keep = [
      KeptSequences(attention: [[2, 0], [1]], feedForward: [[1], [3, 0]]),
      KeptSequences(attention: [[1], [0, 2, 3]], feedForward: [[0, 2], [2]]),
    ]
    let worst = try backboneError(shape, keep: keep)
    #expect(worst.error < 1e-2, "\(worst.name)")
  }

  @Test("of a backbone that keeps no activations, in memory for what stochastic depth computes")
  func recomputed() throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 3, hiddenWidth: 40, layerScale: 0.5)
    let keep = [
      KeptSequences(attention: [[2, 0], [1, 2, 3]], feedForward: [[1, 2], [3, 0, 1]]),
      KeptSequences(attention: [[1], [0, 2]], feedForward: [[0], [2, 3]]),
    ]
    let worst = try backboneError(shape, keep: keep, retention: .recomputed, rates: [0.25, 0.5])
    #expect(worst.error < 1e-2, "\(worst.name)")
  }

  /// Each with activations as the other would leave them.
  @Test("recomputed activations give the same bits")
  func retention() throws {
    let shape = BackboneShape(
      embedDim: 24, depth: 3, numHeads: 2, patchSize: 4, grid: 3, hiddenWidth: 40, layerScale: 0.5)
    let groups = [CropGroup(count: 3, rows: 3, columns: 3)]
    let gradients = try [Retention.kept, .recomputed].map { retention in
      let test = try BackboneCase(shape, groups, retention: retention)
      let bench = test.bench
      let pixels = groups[0].patches * 3 * 16
      test.input.load(bench.kernels, bench.numbers(pixels), group: 0)
      let values = test.layout.initialValues(seed: 3).map { $0 + bench.random.normal() * 0.1 }
      bench.kernels.upload(values, to: test.weights)
      let model = VisionTransformer(shape)
      var rows: [Int32] = []
      test.pass.addClsRows(group: 0, to: &rows)
      let found = model.forward(
        bench.kernels, test.places(test.weights), patches: test.input.patches, outputRows: rows,
        pass: test.pass)
      bench.kernels.upload(bench.numbers(found.buffer.count), to: found.buffer)
      model.backward(
        bench.kernels, dFeatures: found, test.places(test.weights), test.places(test.gradients),
        patches: test.input.patches, pass: test.pass)
      return bench.kernels.download(test.gradients)
    }
    #expect(gradients[1] == gradients[0])
    #expect(gradients[0].contains { $0 != 0 })
  }

  /// A projection head, the features that it sees, and the gradients by both.
  private struct HeadCase {
    let shape: HeadShape
    let bench = Workbench()
    let layout: ParameterLayout
    let rows: Int
    /// The features stand behind the parameters, so that one check covers both.
    let all: Buffer
    let gradients: Buffer
    let pass: ProjectionHead.Pass
    let logits: Matrix

    init(_ shape: HeadShape, rows: Int) throws {
      self.shape = shape
      self.rows = rows
      var builder = ParameterBuilder()
      _ = ProjectionHead.Parameters(&builder, shape)
      layout = builder.layout
      all = bench.plan.buffer(layout.count + rows * shape.inputs)
      gradients = bench.plan.buffer(all.count)
      pass = ProjectionHead.Pass(bench.plan, shape, rows: 8, forTraining: true)
      logits = bench.plan.matrix(rows, shape.prototypes)
      try bench.kernels.reserve(bench.plan)
    }

    func places(_ buffer: Buffer) -> (ProjectionHead.Parameters, Matrix) {
      var builder = ParameterBuilder(in: buffer)
      return (
        ProjectionHead.Parameters(&builder, shape),
        buffer[layout.count..<buffer.count].matrix(rows, shape.inputs)
      )
    }
  }

  @Test("of a projection head, its input included", arguments: [1, 2, 3, 4])
  func head(layers: Int) throws {
    let shape = HeadShape(inputs: 20, hidden: 28, bottleneck: 12, prototypes: 37, layers: layers)
    let test = try HeadCase(shape, rows: 5)
    let (bench, layout, pass, found) = (test.bench, test.layout, test.pass, test.logits)
    let (weights, x) = test.places(test.all)
    let (dWeights, dx) = test.places(test.gradients)
    let values =
      layout.initialValues(seed: 1).map { $0 + bench.random.normal() * 0.2 }
      + bench.numbers(x.buffer.count)
    let wanted = bench.numbers(x.rows * shape.prototypes)
    func logits(_ values: [Float]) -> Matrix {
      bench.kernels.upload(values, to: test.all)
      ProjectionHead().prepare(bench.kernels, weights, pass: pass)
      ProjectionHead().forward(bench.kernels, weights, x, pass: pass, into: found)
      return found
    }
    bench.kernels.upload(wanted, to: logits(values).buffer)
    ProjectionHead().backward(
      bench.kernels, dLogits: found, x: x, weights, dWeights, pass: pass, dx: dx)
    ProjectionHead().finishGradients(bench.kernels, weights, dWeights)
    let worst = gradientError(
      values: values, gradient: bench.kernels.download(test.gradients),
      stretches: layout.parameters.map { ($0.name, $0.range) }
        + [("features", layout.count..<test.all.count)],
      step: 1e-2, random: &bench.random
    ) { values in
      zip(bench.kernels.download(logits(values).buffer), wanted)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    #expect(worst.error < 1e-2, "\(worst.name)")
  }
}
