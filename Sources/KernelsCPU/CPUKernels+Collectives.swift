import Kernels
import Tensor

extension CPUKernels {
  package func allReduceSum(_ x: Buffer) {
    collectives.allReduceSum(UnsafeMutableBufferPointer(start: pointer(x), count: x.count))
  }

  package func allReduceSum(_ x: Scalars) {
    guard x.count > 0 else { return }
    collectives.allReduceSum(
      UnsafeMutableBufferPointer(start: pointer(x[0]), count: x.count))
  }

  /// The largest of `count` values over all ranks, of which some may have none.
  func allReducedMaximum(_ count: Int, _ x: Pointer) -> Float {
    var largest = count > 0 ? maximum(count, x) : -.infinity
    withUnsafeMutablePointer(to: &largest) {
      collectives.allReduceMax(UnsafeMutableBufferPointer(start: $0, count: 1))
    }
    return largest
  }
}
