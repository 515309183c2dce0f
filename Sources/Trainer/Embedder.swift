import Kernels
import Model
import Tensor

/// A backbone alone, for features of images of one size.
package final class Embedder {
  package let shape: BackboneShape
  package let group: CropGroup
  package let layout: ParameterLayout
  private let kernels: any Kernels
  private let backbone: VisionTransformer
  private let parameters: Buffer
  private let weights: VisionTransformer.Parameters
  private let pass: BackbonePass
  private let input: PatchInput

  /// - Parameter group: how many images a pass takes, and their grid of patches.
  package init(
    _ shape: BackboneShape, group: CropGroup, kernels: any Kernels
  ) throws(MemoryError) {
    self.shape = shape
    self.group = group
    self.kernels = kernels
    var builder = ParameterBuilder()
    _ = builder.scope("backbone") { VisionTransformer.Parameters(&$0, shape) }
    layout = builder.layout
    let plan = ArenaPlan()
    parameters = plan.buffer(layout.count)
    builder = ParameterBuilder(in: parameters)
    weights = builder.scope("backbone") { VisionTransformer.Parameters(&$0, shape) }
    backbone = VisionTransformer(shape)
    let tokens = group.count * (1 + group.patchesEach)
    pass = BackbonePass(plan, shape, groups: [group], outputs: tokens, forTraining: false)
    input = PatchInput(plan, groups: [group], patchSize: shape.patchSize)
    try kernels.reserve(plan)
    pass.prepare(kernels)
  }

  /// Sets the weights; the first `layout.count` values of a network's are its backbone's.
  package func load(_ values: ArraySlice<Float>) { kernels.upload(Array(values), to: parameters) }

  /// Normalised features of images [count, 3, H, W]: CLS tokens [count, D] and patch tokens
  /// [count, N, D].
  package func features(_ images: [Float]) -> (cls: [Float], patches: [Float]) {
    input.load(kernels, images, group: 0)
    let features = backbone.forward(
      kernels, weights, patches: input.patches, masks: [nil],
      outputRows: pass.clsRows(group: 0) + pass.patchRows(group: 0, Array(0..<group.patches)),
      pass: pass)
    return (
      kernels.download(features.first(group.count).buffer),
      kernels.download(features.rows(group.count..<features.rows).buffer)
    )
  }
}
