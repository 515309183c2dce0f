import Crops
import Curation
import Features
import Images
import Kernels
import Support

/// Computes class tokens with the weights that a plan names.
final class PoolEmbedding: ImageEmbedding {
  private let weights: EvaluationWeights
  private let view: EvaluationView
  private let batch: Int
  private let backend: Backend

  init(_ keys: CurationPlan.Embed, _ backend: Backend) throws {
    weights = try EvaluationWeights(keys.weights)
    view = try weights.view(
      size: keys.size == 0 ? nil : ImageSize(width: keys.size, height: keys.size))
    batch = keys.batch
    self.backend = backend
  }

  var fingerprint: String { "\(weights.checksum) \(view)" }
  var width: Int { weights.shape.embedDim }

  func features(
    of images: any ImageSource, _ body: ([Int], UnsafeBufferPointer<Float>) throws -> Void
  ) throws -> [String] {
    let kernels = backend.makeKernels()
    let extractor = try FeatureExtractor(
      weights.shape, values: weights.values, source: ImageViews(images, view: view),
      batch: batch, selection: Embedder.Selection(layers: 1), threads: backend.threads,
      kernels: kernels)
    let problems = try extractor.forEachBatch { images, features in
      try kernels.download(features.cls[0].buffer).withUnsafeBufferPointer {
        try body(images, $0)
      }
    }
    if let outage = problems.first(where: \.isOutage) { throw FeatureError(outage.reason) }
    return problems.map(\.reason)
  }
}
