import Features
import Images
import Kernels
import Model
import Support
import Tensor

/// Times the features of random pixels, computed as `dinod embed` does, without decoding.
///
/// It computes the CLS and patch tokens of the last block, like the model of Hugging Face.
package struct EmbedBench {
  /// The duration and work of a batch.
  package struct Result: Sendable {
    /// The median time from the features of one batch to those of the next, in seconds. The first
    /// batch does not count.
    package var seconds: Double
    /// The floating-point operations of a batch's matrix products.
    package var flops: Double
  }

  private static let selection = Embedder.Selection(layers: 1, patches: true)

  private let extractor: FeatureExtractor
  private let kernels: any Kernels

  /// - Parameters:
  ///   - side: the side of the images in pixels, a multiple of the patch size.
  ///   - steps: the number of timed batches. One more comes first, to touch all memory.
  ///   - threads: the number of threads that prepare pixels.
  package init(
    _ shape: BackboneShape, side: Int, batch: Int, steps: Int, threads: Int, kernels: any Kernels
  ) throws(FeatureError) {
    self.kernels = kernels
    extractor = try FeatureExtractor(
      shape, values: shape.layout.initialValues(seed: 0),
      source: RandomPixels(
        channels: shape.channels, side: side, distinct: batch, count: batch * (steps + 1)),
      batch: batch,
      selection: Self.selection, threads: threads, kernels: kernels)
  }

  /// Runs all batches. Throws if features cannot be computed.
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

/// Images of normal noise that repeat after the first `distinct` ones.
private struct RandomPixels: PixelSource {
  let channels: Int
  let size: ImageSize
  let count: Int
  private let pixels: [Float]

  init(channels: Int, side: Int, distinct: Int, count: Int) {
    self.channels = channels
    size = ImageSize(width: side, height: side)
    self.count = count
    var random = CounterRandom(seed: 0, use: .test, 0)
    pixels = (0..<distinct * channels * side * side).map { _ in random.normal() }
  }

  func name(_ index: Int) -> String { "random#\(index)" }

  func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
    let start = index * target.count % pixels.count
    _ = target.update(fromContentsOf: pixels[start..<start + target.count])
  }
}
