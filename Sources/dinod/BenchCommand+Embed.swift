import Bench
import Model
import Support

extension BenchCommand {
  /// The fields that `Benchmarks/huggingface_features.py` prints, and the rate of the matrix
  /// products.
  private struct EmbedFigures: Encodable {
    var arch: String
    var precision: String
    var size: Int
    var batch: Int
    var threads: Int
    var stepS: Double
    var imagesPerS: Double
    var peakRssGib: Double
    var gflops: Double
  }

  /// Times features of random pixels, CLS and patches.
  func embed(_ backend: Backend) throws {
    let (batch, size) = (recipe.train.batchSizePerGPU, recipe.crops.globalCropsSize)
    let result = try EmbedBench(
      BackboneShape(recipe), side: size, batch: batch, steps: steps, threads: backend.threads,
      kernels: backend.makeKernels()
    ).run()
    let figures = EmbedFigures(
      arch: recipe.student.arch, precision: backend.precision.rawValue, size: size, batch: batch,
      threads: backend.threads, stepS: rounded(result.seconds),
      imagesPerS: rounded(Double(batch) / result.seconds),
      peakRssGib: rounded(BenchOptions.peakGiB),
      gflops: rounded(result.flops / result.seconds / 1e9))
    if asJSON { return print(try JSONText.line(figures)) }
    print(
      """
      \(figures.arch)/\(recipe.student.patchSize), \(size) pixels, batch \(batch), \
      \(figures.precision), \(Format.count(figures.threads, "thread"))
      \(figures.imagesPerS) images/s, \(figures.stepS) s a batch
      \(figures.gflops) GFLOP/s, peak memory \(figures.peakRssGib) GiB
      """)
  }
}
