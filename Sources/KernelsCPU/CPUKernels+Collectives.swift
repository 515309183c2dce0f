import Kernels
import Tensor

extension CPUKernels {
  package func allReduceSum(_ x: Buffer, as element: Element) {
    collectives.allReduceSum(
      UnsafeMutableBufferPointer(start: pointer(x), count: x.count), as: element)
  }

  package func allReduceSum(_ x: Scalars) {
    guard x.count > 0 else { return }
    collectives.allReduceSum(
      UnsafeMutableBufferPointer(start: pointer(x[0]), count: x.count))
  }

  package func startReduce(
    _ x: Buffer, stride: Int, into sums: Buffer, isAdded: Bool, as element: Element
  ) -> CollectiveTicket {
    collectives.startReduce(
      UnsafeBufferPointer(start: pointer(x), count: x.count), stride: stride,
      into: UnsafeMutableBufferPointer(start: pointer(sums), count: sums.count), isAdded: isAdded,
      as: element)
  }

  package func startGather(
    _ x: Buffer, stride: Int, as element: Element, after earlier: CollectiveTicket
  ) -> CollectiveTicket {
    collectives.startGather(
      UnsafeMutableBufferPointer(start: pointer(x), count: x.count), stride: stride, as: element,
      after: earlier)
  }

  package func finish(_ ticket: CollectiveTicket) { collectives.finish(ticket) }

  package func add(_ source: Scalars, to target: Scalars) {
    precondition(source.count == target.count)
    guard source.count > 0 else { return }
    let (from, to) = (pointer(source[0]), pointer(target[0]))
    for i in 0..<source.count { to[i] += from[i] }
  }

  package func broadcast(_ x: Buffer) {
    collectives.broadcast(UnsafeMutableBufferPointer(start: pointer(x), count: x.count))
  }

  /// Returns the largest of the values of all ranks. `count` may be 0 on some of them.
  func allReducedMaximum(_ count: Int, _ x: Pointer) -> Float {
    var largest = count > 0 ? maximum(count, x) : -.infinity
    withUnsafeMutablePointer(to: &largest) {
      collectives.allReduceMax(UnsafeMutableBufferPointer(start: $0, count: 1))
    }
    return largest
  }
}
