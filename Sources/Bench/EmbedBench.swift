import Features
import Images
import Kernels
import Model
import Support
import Tensor

/// Times features of random pixels by the path of `dinod embed`, without decoding.
///
/// CLS and patch tokens of the last block are computed, as the model of Hugging Face gives them.
package struct EmbedBench {
  /// The measurements of a benchmark.
  package struct Result: Sendable {
    /// A batch's, from the features of the one before to its own: the median after the first.
    package var seconds: Double
    /// Operations of its matrix products.
    package var flops: Double
  }

  private static let wanted = Embedder.Wanted(layers: 1, patches: true)

  private let extractor: FeatureExtractor
  private let kernels: any Kernels

  /// - Parameters:
  ///   - side: of the images, a multiple of the patch.
  ///   - steps: batches that count; another touches all memory before them.
  ///   - threads: that lay pixels ready.
  package init(
    _ shape: BackboneShape, side: Int, batch: Int, steps: Int, threads: Int, kernels: any Kernels
  ) throws(FeatureError) {
    self.kernels = kernels
    extractor = try FeatureExtractor(
      shape, values: shape.layout.initialValues(seed: 0),
      source: RandomPixels(side: side, distinct: batch, count: batch * (steps + 1)), batch: batch,
      wanted: Self.wanted, threads: threads, kernels: kernels)
  }

  /// Runs all batches and returns their times. Throws where the computation of features throws.
  package func run() throws -> Result {
    var ends: [(time: Double, flops: Double)] = []
    try extractor.forEachBatch { _, features in
      _ = kernels.download(features.cls[0].buffer)
      ends.append((Clock.monotonic(), kernels.floatingPointOperations))
    }
    let seconds = zip(ends.dropFirst(), ends).map { $0.time - $1.time }.sorted()
    return Result(
      seconds: seconds[seconds.count / 2],
      flops: (ends[ends.count - 1].flops - ends[0].flops) / Double(seconds.count))
  }
}

/// Images of normal noise, over and over the same few.
private struct RandomPixels: PixelSource {
  let size: ImageSize
  let count: Int
  private let pixels: [Float]

  init(side: Int, distinct: Int, count: Int) {
    size = ImageSize(width: side, height: side)
    self.count = count
    var random = CounterRandom(seed: 0, use: .test, 0)
    pixels = (0..<distinct * 3 * side * side).map { _ in random.normal() }
  }

  func name(_ index: Int) -> String { "random#\(index)" }

  func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
    let start = index * target.count % pixels.count
    _ = target.update(fromContentsOf: pixels[start..<start + target.count])
  }
}
