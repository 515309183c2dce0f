import Evaluation
import TestSupport
import Foundation
import Images
import KernelsCPU
import Model
import Tensor

func kernels(threads: Int = 1) -> CPUKernels { CPUKernels(pool: WorkerPool(threads: threads)) }

/// Returns random numbers.
func numbers(_ count: Int, seed: Int = 3) -> [Float] {
  var random = CounterRandom(seed: UInt64(seed), use: .test, count)
  return (0..<count).map { _ in random.normal() }
}

extension TemporaryFolder {
  /// Writes a picture of one colour.
  @discardableResult
  func picture(_ name: String, _ colour: [UInt8], width: Int = 20, height: Int = 16) -> String {
    let pixels = (0..<width * height).flatMap { _ in colour }
    // Create the missing folders of the path.
    let path = write([], to: name)
    try! RGBImage(width: width, height: height, pixels: pixels).writePNG(path: path)
    return path
  }
}
