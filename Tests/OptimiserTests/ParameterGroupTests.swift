import KernelsCPU
import Kernels
import Model
import Optimiser
import Tensor
import Testing

@Suite("Parameter groups follow the official code")
struct ParameterGroupTests {
  private let shape = NetworkShape(
    backbone: BackboneShape(
      embedDim: 16, depth: 3, numHeads: 2, patchSize: 4, grid: 2, hiddenWidth: 32, registers: 1),
    dinoHead: HeadShape(inputs: 16, hidden: 8, bottleneck: 4, prototypes: 10),
    ibotHead: HeadShape(inputs: 16, hidden: 8, bottleneck: 4, prototypes: 10))

  private func group(_ name: String) throws -> ParameterGroup {
    let layout = shape.layout
    let groups = ParameterGroups(
      layout: layout, depth: 3, layerwiseDecay: 0.5, patchEmbedLrMult: 0.2)
    let parameter = try #require(layout.parameters.first { $0.name == name }, "\(name)")
    return try #require(
      groups.groups.first { $0.range.contains(parameter.range.lowerBound) }, "\(name)")
  }

  @Test(
    "rates decay with the distance from the top, in the backbone alone",
    arguments: [
      ("backbone.cls_token", 0.0625), ("backbone.pos_embed", 0.0625),
      ("backbone.register_tokens", 0.0625), ("backbone.mask_token", 0.0625),
      ("backbone.patch_embed.proj.weight", 0.0125), ("backbone.patch_embed.proj.bias", 0.0125),
      ("backbone.blocks.0.attn.qkv.weight", 0.125), ("backbone.blocks.2.norm1.weight", 0.5),
      ("backbone.norm.weight", 1), ("dino_head.mlp.0.weight", 1),
      ("ibot_head.last_layer.weight_v", 1),
    ])
  func scales(name: String, scale: Double) throws {
    #expect(abs(try group(name).lrScale - scale) < 1e-12)
  }

  @Test("biases, norms and LayerScale do not decay; tokens, positions and prototypes do")
  func decay() throws {
    for name in [
      "backbone.blocks.1.attn.qkv.bias", "backbone.blocks.1.norm2.weight",
      "backbone.blocks.1.ls1.gamma", "backbone.norm.bias", "dino_head.mlp.2.bias",
    ] { #expect(try !group(name).decays, "\(name)") }
    for name in [
      "backbone.cls_token", "backbone.pos_embed", "backbone.register_tokens",
      "backbone.blocks.1.mlp.fc1.weight", "dino_head.last_layer.weight_g",
      "ibot_head.last_layer.weight_v",
    ] { #expect(try group(name).decays, "\(name)") }
  }

  @Test("only prototypes are frozen at first, and each sub-module is clipped by itself")
  func lastLayer() throws {
    #expect(try group("dino_head.last_layer.weight_v").isLastLayer)
    #expect(try !group("dino_head.mlp.4.weight").isLastLayer)
    let groups = ParameterGroups(
      layout: shape.layout, depth: 3, layerwiseDecay: 0.5, patchEmbedLrMult: 0.2)
    #expect(groups.modules.map(\.name) == ["backbone", "dino_head", "ibot_head"])
    var segments: [ParameterSegment] = []
    groups.setSegments(&segments, lr: 2, lastLayerLr: 0, weightDecay: 0.1) { [1, 0.5, 0.25][$0] }
    for (group, segment) in zip(groups.groups, segments) {
      #expect(segment.gradientScale == [1, 0.5, 0.25][group.module])
      #expect(segment.lr == (group.isLastLayer ? 0 : Float(2 * group.lrScale)))
      #expect(segment.weightDecay == (group.decays ? 0.1 : 0))
    }
  }

  @Test("gradients longer than the clip are shortened to it, others are left alone")
  func clipping() throws {
    let plan = ArenaPlan(alignment: 16)
    let layout = shape.layout
    let groups = ParameterGroups(
      layout: layout, depth: 3, layerwiseDecay: 1, patchEmbedLrMult: 1)
    let optimiser = AdamW(AdamWMoments(plan, count: layout.count), groups: groups)
    let parameters = plan.buffer(layout.count)
    let gradients = plan.buffer(layout.count)
    let average = plan.buffer(layout.count)
    let squares = plan.scalars(groups.modules.count)
    let kernels = CPUKernels(pool: WorkerPool(threads: 1))
    try kernels.reserve(plan)
    kernels.fill(gradients[groups.modules[0].range], with: 1)
    kernels.fill(gradients[groups.modules[1].range], with: 1e-3)
    var norms: [Double] = []
    optimiser.addSquaredNorms(kernels, gradients, to: squares)
    var values = ScalarValues(of: squares)
    kernels.read(into: &values)
    optimiser.addNorms(squares, values, to: &norms)
    #expect(norms[0] > 3 && norms[1] < 3 && norms[2] == 0)
    optimiser.step(
      kernels, parameters, gradients: gradients, average: average, norms: norms, number: 1,
      lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0, clip: 3, momentum: 0.9)
    // The first moment after one step is a tenth of the clipped gradient.
    let first = groups.modules[0].range.lowerBound
    let second = groups.modules[1].range.lowerBound
    let moments = kernels.download(optimiser.expAvg)
    #expect(abs(Double(moments[first]) - 0.1 * 3 / norms[0]) < 1e-6)
    #expect(abs(Double(moments[second]) - 1e-4) < 1e-8)
  }
}
