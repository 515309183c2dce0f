import Kernels
import Model
import Tensor

/// Computes features of images with the weights of a backbone.
package final class FeatureExtractor {
  private let embedder: Embedder
  private let selection: Embedder.Selection
  private let kernels: any Kernels
  private let batches: PixelBatches

  /// Called after each batch with the number of images tried so far, including unreadable ones.
  package var progress: (_ done: Int) -> Void = { _ in }

  /// Reserves memory for batches and loads the weights.
  ///
  /// - Parameters:
  ///   - values: the weights, in the order of the shape's layout.
  ///   - batch: the most images in a batch.
  ///   - threads: the number of threads that read and decode images.
  package init(
    _ shape: BackboneShape, values: [Float], source: any PixelSource, batch: Int,
    selection: Embedder.Selection, threads: Int, kernels: any Kernels
  ) throws(FeatureError) {
    self.selection = selection
    self.kernels = kernels
    let group = CropGroup(
      count: max(1, min(batch, source.count)), rows: source.size.height / shape.patchSize,
      columns: source.size.width / shape.patchSize)
    batches = PixelBatches(source, size: group.count, ahead: 2 * group.count, threads: threads)
    do throws(MemoryError) {
      embedder = try Embedder(shape, group: group, selection: selection, kernels: kernels)
    } catch {
      throw FeatureError(
        "cannot reserve \(error.bytes >> 20) MiB for batches of \(group.count); "
          + "a smaller --batch or --size needs less")
    }
    embedder.load(values[...])
  }

  /// Calls `body` with the features of each batch and the indices of its images, in order, and
  /// returns the images that cannot be read. Throws if none can be read.
  @discardableResult
  package func forEachBatch(
    _ body: (_ images: [Int], _ features: Embedder.Features) throws -> Void
  ) throws -> [PixelLoader.Problem] {
    try batches.forEach(stage: embedder.stage) { images, done in
      try body(images, embedder.embed())
      progress(done)
    }
  }

  /// Returns the features of all images that can be read, and those that cannot. Throws if none
  /// can be read.
  package func table() throws -> (table: FeatureTable, problems: [PixelLoader.Problem]) {
    var table = FeatureTable(
      embedDim: embedder.shape.embedDim, layers: selection.layers, hasPooled: selection.patches,
      expected: batches.source.count)
    var workspace: [Float] = []
    let problems = try forEachBatch { images, features in
      table.append(features, images: images, kernels: kernels, workspace: &workspace)
    }
    return (table, problems)
  }
}

extension PixelBatches {
  /// Computes features by a function of the pixels. Returns the features of all images that can be
  /// read, and the images that cannot. Throws if none can be read.
  ///
  /// - Parameter features: turns the images of a batch, [n, channels, H, W], into features [n, width].
  package func table(
    by features: (_ pixels: [Float]) throws -> [Float]
  ) throws -> (table: FeatureTable, problems: [PixelLoader.Problem]) {
    var pixels: [Float] = []
    pixels.reserveCapacity(min(size, source.count) * source.elements)
    var table: FeatureTable?
    let problems = try forEach {
      pixels.append(contentsOf: $0)
    } finish: { images, _ in
      let values = try features(pixels)
      pixels.removeAll(keepingCapacity: true)
      let width = values.count / images.count
      if table == nil {
        table = FeatureTable(
          embedDim: width, layers: 1, hasPooled: false, expected: source.count)
      }
      table!.append(values, images: images)
    }
    return (table!, problems)
  }
}
