import Features
import Kernels

/// Computes features for `embed`, `eval` and `pca`. It shows the progress on standard error, and
/// reports each image that is skipped.
struct FeatureComputation {
  let weights: EvaluationWeights
  /// The largest number of images in a batch.
  let batch: Int
  let backend: Backend

  /// Calls `body` with the features of each batch, the indices of its images, and the kernels that
  /// hold them. Returns the duration in seconds. Throws if no image can be read.
  func forEachBatch(
    of source: any PixelSource, selection: Embedder.Selection,
    _ body: (_ images: [Int], _ features: Embedder.Features, any Kernels) throws -> Void
  ) throws -> Double {
    let (extractor, kernels) = try extractor(source, selection)
    return try observing(extractor, of: source.count) {
      try extractor.forEachBatch { try body($0, $1, kernels) }
    }
  }

  /// Returns the features of all labelled images that can be read. Throws if there are none.
  func table(
    of labelled: LabelledImages, view: EvaluationView, selection: Embedder.Selection
  ) throws -> LabelledFeatures {
    let (extractor, _) = try extractor(ImageViews(labelled.images, view: view), selection)
    var table: FeatureTable!
    _ = try observing(extractor, of: labelled.count) {
      let found = try extractor.table()
      table = found.table
      return found.problems
    }
    return LabelledFeatures(
      table: table, images: labelled.only(table.images), skipped: labelled.count - table.count)
  }

  private func extractor(
    _ source: any PixelSource, _ selection: Embedder.Selection
  ) throws -> (FeatureExtractor, any Kernels) {
    let kernels = backend.makeKernels()
    let extractor = try FeatureExtractor(
      weights.shape, values: weights.values, source: source, batch: batch, selection: selection,
      threads: backend.threads, kernels: kernels)
    return (extractor, kernels)
  }

  private func observing(
    _ extractor: FeatureExtractor, of count: Int, _ compute: () throws -> [PixelLoader.Problem]
  ) throws -> Double {
    let progress = ProgressLine("images", total: count)
    defer { progress.end() }
    extractor.progress = progress.update
    let problems = try compute()
    progress.end()
    printSkipped(problems, of: count)
    return progress.seconds
  }
}
