import Kernels
import Model
import Tensor

/// Features of images from weights: the loop of reading, staging and computing that all of
/// evaluation shares.
package final class FeatureMaker {
  private let embedder: Embedder
  private let kernels: any Kernels
  private let source: any PixelSource
  private let threads: Int

  /// Told after each batch of how many images were looked at, damaged ones included.
  package var progress: (_ done: Int) -> Void = { _ in }
  /// Images that could not be read.
  package private(set) var problems: [PixelLoader.Problem] = []

  /// - Parameters:
  ///   - values: the backbone's, in its layout's order.
  ///   - threads: that decode.
  package init(
    _ shape: BackboneShape, values: [Float], source: any PixelSource, batch: Int,
    wanted: Embedder.Wanted, threads: Int, kernels: any Kernels
  ) throws(EvaluationError) {
    self.source = source
    self.kernels = kernels
    self.threads = threads
    let group = CropGroup(
      count: max(1, min(batch, source.count)), rows: source.size.height / shape.patchSize,
      columns: source.size.width / shape.patchSize)
    do throws(MemoryError) {
      embedder = try Embedder(shape, group: group, wanted: wanted, kernels: kernels)
    } catch {
      throw EvaluationError(
        "cannot reserve \(error.bytes >> 20) MiB for batches of \(group.count); "
          + "a smaller --batch or --size asks for less")
    }
    embedder.load(values[...])
  }

  /// Calls `body` with the features of each batch and the numbers of its images, in order. Throws
  /// where no image can be read.
  package func forEachBatch(
    _ body: (_ images: [Int], _ features: Embedder.Features) throws -> Void
  ) throws {
    let loader = PixelLoader(source, ahead: 2 * embedder.group.count, threads: threads)
    defer { loader.stop() }
    var images: [Int] = []
    var any = false
    func flush(_ done: Int) throws {
      guard !images.isEmpty else { return }
      any = true
      try body(images, embedder.embed())
      images.removeAll(keepingCapacity: true)
      progress(done)
    }
    while let (index, pixels) = loader.next() {
      embedder.stage(pixels)
      images.append(index)
      if embedder.isFull { try flush(index + 1) }
    }
    try flush(source.count)
    problems = loader.problems
    guard any else {
      throw EvaluationError(
        "none of the \(source.count) images can be read; the first: "
          + (problems.first?.reason ?? "none"))
    }
  }

  /// The features of all images as a table.
  package func table(embedDim: Int, wanted: Embedder.Wanted) throws -> FeatureTable {
    var table = FeatureTable(
      embedDim: embedDim, layers: wanted.layers, hasPooled: wanted.patches,
      expected: source.count)
    var scratch: [Float] = []
    try forEachBatch { images, features in
      table.append(features, images: images, kernels: kernels, scratch: &scratch)
    }
    return table
  }
}
