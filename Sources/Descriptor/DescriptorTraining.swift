import Crops
import Images
import Kernels
import Model
import Optimiser
import Tensor

/// Trains a descriptor of copies on images: a vision transformer whose CLS tokens are near for two
/// copies of an image and far for different images. One thread owns it.
package final class DescriptorTraining {
  package let settings: DescriptorSettings
  private let kernels: any Kernels
  private let views: CopyViews
  private let model: VisionTransformer
  private let layout: ParameterLayout
  private let input: PatchInput
  private let pass: BackbonePass
  private let parameters, gradients, average: Buffer
  private let squares: Scalars
  private let adamW: AdamW
  private let loss: ContrastiveLoss
  private let rows: [Int32]
  /// The steps that were made.
  package private(set) var step = 0

  /// Reserves the memory, and begins with random weights.
  ///
  /// - Parameter onProblem: called once for each image that cannot be read, on any thread.
  package init(
    _ settings: DescriptorSettings, _ source: any ImageSource, kernels: any Kernels,
    workers: WorkerPool, onProblem: @escaping @Sendable (String) -> Void
  ) throws {
    self.settings = settings
    self.kernels = kernels
    views = CopyViews(source, settings, workers: workers, onProblem: onProblem)
    let shape = settings.shape
    model = VisionTransformer(shape)
    layout = shape.layout
    loss = ContrastiveLoss(
      temperature: settings.temperature, koleoWeight: settings.koleoWeight)
    let group = CropGroup(count: 2 * settings.images, size: settings.size, patch: settings.patch)
    let plan = ArenaPlan(for: kernels.device)
    (parameters, gradients, average) = (
      plan.buffer(layout.count), plan.buffer(layout.count), plan.buffer(layout.count)
    )
    adamW = AdamW(
      AdamWMoments(plan, count: layout.count),
      groups: ParameterGroups(
        layout: layout, depth: shape.depth, layerwiseDecay: 1, patchEmbedLrMult: 1))
    input = PatchInput(plan, groups: [group], shape)
    pass = BackbonePass(
      plan, shape, groups: [group], outputs: group.count, retention: .kept,
      element: shape.activationElement(on: kernels.device))
    squares = plan.scalars(adamW.groups.modules.count)
    try kernels.reserve(plan)
    pass.prepare(kernels)
    var rows: [Int32] = []
    pass.addClsRows(group: 0, to: &rows)
    self.rows = rows
    let initial = layout.initialValues(seed: Int(settings.seed))
    kernels.upload(initial, to: parameters)
    kernels.upload(initial, to: average)
  }

  /// Makes a step. Throws if no image can be read.
  ///
  /// - Parameter share: of the training that is done, from 0 to 1, for the learning rate.
  package func makeStep(share: Double) throws -> ContrastiveLoss.Result {
    input.load(kernels, try views.batch(step), group: 0)
    let weights = places(parameters)
    let features = model.forward(
      kernels, weights, patches: input.patches, outputRows: rows, pass: pass)
    var dx = [Float](repeating: 0, count: features.buffer.count)
    let result = loss(
      kernels.download(features.buffer), width: settings.embedDim, dx: &dx)
    kernels.upload(dx, to: features.buffer)
    kernels.fill(gradients, with: 0)
    model.backward(
      kernels, dFeatures: features, weights, places(gradients), patches: input.patches, pass: pass)
    update(share)
    return result
  }

  private func update(_ share: Double) {
    kernels.fill(squares.buffer, with: 0)
    adamW.addSquaredNorms(kernels, gradients, to: squares)
    var found = ScalarValues(of: squares)
    kernels.read(into: &found)
    var norms: [Double] = []
    adamW.addNorms(squares, found, to: &norms)
    step += 1
    // The average begins with the first steps' weights and not with random ones.
    let momentum = min(settings.momentum, Double(step) / Double(step + 9))
    adamW.step(
      kernels, parameters, gradients: gradients, average: average, norms: norms, number: step,
      lr: settings.learningRate(at: share), lastLayerLr: 0, weightDecay: settings.weightDecay,
      clip: settings.clip, momentum: momentum)
  }

  /// The moving average of the weights, in the layout's order.
  package var weights: [Float] { kernels.download(average) }

  private func places(_ buffer: Buffer) -> VisionTransformer.Parameters {
    var builder = ParameterBuilder(in: buffer)
    return builder.scope("backbone") { VisionTransformer.Parameters(&$0, settings.shape) }
  }
}
