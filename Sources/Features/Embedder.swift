import Kernels
import Model
import Tensor

/// Computes features of images of one size with a backbone, a batch at a time.
///
/// `stage` copies images into the batch one after the other. `embed` computes the features of
/// those that have been staged, whether or not the batch is full. Nothing is allocated as long as
/// batches have the same number of images. One thread owns the embedder.
package final class Embedder {
  /// Which features to compute.
  package struct Selection: Sendable, Equatable {
    /// The number of last blocks whose CLS tokens are wanted, each through the final norm.
    package var layers: Int
    /// Whether the patch tokens of the last block are wanted.
    package var patches: Bool

    package init(layers: Int = 1, patches: Bool = false) {
      self.layers = layers
      self.patches = patches
    }
  }

  /// Features of a batch. The next batch overwrites them.
  package struct Features {
    /// One matrix [images, D] for each wanted block; the last is that of the last block.
    package let cls: [Matrix]
    /// [images · N, D]; `nil` if not wanted.
    package let patches: Matrix?
  }

  /// The objects that depend on the number of images in a batch.
  private struct Batch {
    let group: CropGroup
    let pass: BackbonePass
    /// The rows of the tokens that are wanted after the last block, and after the blocks before it.
    let outputRows: [Int32]
    let earlier: EarlierLayers
  }

  package let shape: BackboneShape
  package let layout: ParameterLayout
  /// The number of images in a full batch, and their grid of patches.
  package let group: CropGroup
  private let selection: Selection
  private let kernels: any Kernels
  private let backbone: VisionTransformer
  private let parameters: Buffer
  private let weights: VisionTransformer.Parameters
  private let staging: Buffer
  private let patches: Matrix
  /// Elements at the start of the arena that do not belong to a pass.
  private let fixed: Int
  private let element: Element
  private var batch: Batch
  /// Images that have been staged since the last call of `embed`.
  package private(set) var staged = 0

  /// Reserves the memory of a full batch.
  ///
  /// - Parameter group: the number of images in a full batch, and their grid of patches.
  package init(
    _ shape: BackboneShape, group: CropGroup, selection: Selection = Selection(patches: true),
    kernels: any Kernels
  ) throws(MemoryError) {
    self.shape = shape
    self.group = group
    self.selection = selection
    self.kernels = kernels
    layout = shape.layout
    let plan = ArenaPlan(for: kernels.device)
    parameters = plan.buffer(layout.count)
    var builder = ParameterBuilder(in: parameters)
    weights = builder.scope("backbone") { VisionTransformer.Parameters(&$0, shape) }
    backbone = VisionTransformer(shape)
    let elements = shape.patchElements
    staging = plan.buffer(group.patches * elements)
    patches = plan.matrix(group.patches, elements)
    fixed = plan.used
    element = shape.activationElement(on: kernels.device)
    batch = Self.batch(of: group, shape, selection, element, plan)
    try kernels.reserve(plan)
    batch.pass.prepare(kernels)
  }

  /// Sets the weights, in the layout's order.
  package func load(_ values: UnsafeBufferPointer<Float>) {
    precondition(values.count == layout.count)
    kernels.upload(values, to: parameters)
  }

  /// Sets the weights from a slice, in the layout's order.
  package func load(_ values: ArraySlice<Float>) {
    values.withUnsafeBufferPointer { load($0) }
  }

  /// Whether the batch is full, so that `embed` must be called before another image is staged.
  package var isFull: Bool { staged == group.count }

  /// Adds a normalised image, [channels, H, W], to the batch, which must not be full.
  package func stage(_ pixels: UnsafeBufferPointer<Float>) {
    let each = staging.count / group.count
    precondition(!isFull && pixels.count == each)
    kernels.upload(pixels, to: staging[staged * each..<(staged + 1) * each])
    staged += 1
  }

  /// Computes the features of the staged images, at least one, and begins a new batch.
  package func embed() -> Features {
    precondition(staged > 0)
    fit(staged)
    staged = 0
    let count = batch.group.count
    let input = patches.first(batch.group.patches)
    kernels.patchify(
      staging[0..<input.buffer.count], patch: shape.patchSize, rows: group.rows,
      columns: group.columns, into: input)
    let last = backbone.forward(
      kernels, weights, patches: [input], outputRows: batch.outputRows, earlier: batch.earlier,
      pass: batch.pass)
    return Features(
      cls: batch.pass.lastLayers.map { $0.first(count) },
      patches: selection.patches ? last.rows(count..<last.rows) : nil)
  }

  /// Replaces the pass by one for `count` images, in the memory of a full batch's pass.
  private func fit(_ count: Int) {
    guard count != batch.group.count else { return }
    let plan = ArenaPlan(for: kernels.device)
    _ = plan.buffer(fixed)
    var smaller = group
    smaller.count = count
    batch = Self.batch(of: smaller, shape, selection, element, plan)
    batch.pass.prepare(kernels)
  }

  private static func batch(
    of group: CropGroup, _ shape: BackboneShape, _ selection: Selection, _ element: Element,
    _ plan: ArenaPlan
  ) -> Batch {
    let patches = selection.patches ? group.patches : 0
    let pass = BackbonePass(
      plan, shape, groups: [group], outputs: selection.layers * group.count + patches,
      retention: nil, element: element)
    var rows: [Int32] = []
    pass.addClsRows(group: 0, to: &rows)
    let earlier = EarlierLayers(count: selection.layers - 1, rows: rows)
    pass.addPatchRows(group: 0, Array(0..<patches), to: &rows)
    return Batch(group: group, pass: pass, outputRows: rows, earlier: earlier)
  }
}

extension Embedder {
  /// Returns features of images [n, channels, H, W], no more than a full batch: the CLS tokens [n, D] and
  /// the patch tokens [n, N, D] of the last block.
  package func features(_ images: [Float]) -> (cls: [Float], patches: [Float]) {
    let each = group.patchesEach * shape.patchElements
    images.withUnsafeBufferPointer { images in
      for start in stride(from: 0, to: images.count, by: each) {
        stage(UnsafeBufferPointer(rebasing: images[start..<start + each]))
      }
    }
    let features = embed()
    return (
      kernels.download(features.cls.last!.buffer),
      features.patches.map { kernels.download($0.buffer) } ?? []
    )
  }
}
