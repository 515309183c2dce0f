/// Reductions over the ranks of a run: each rank computes with images of its own, and where the method
/// sums over all images, the ranks' sums are added up.
///
/// Every rank makes the same calls in the same order and with the same number of values, even if it has
/// nothing to add. After a call all ranks hold the same bits. The order of summation is one fixed tree
/// that depends on the number of ranks alone, so that a run can be repeated to the bit. Calls are made
/// on the trainer's thread and return when the result is there.
package protocol Collectives {
  /// The number of this rank, from 0.
  var rank: Int { get }
  /// The number of ranks.
  var world: Int { get }

  /// Replaces each value by its sum over the ranks.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>)
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>)

  /// Replaces each value by its maximum over the ranks.
  func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>)
}

extension Collectives {
  /// This rank's part of a range that is divided among the ranks in their order.
  package func part(of range: Range<Int>) -> Range<Int> {
    func boundary(_ rank: Int) -> Int { range.lowerBound + range.count * rank / world }
    return boundary(rank)..<boundary(rank + 1)
  }
}

/// The only rank of a run: its own sums are the global ones, so that nothing is done.
package struct SingleRank: Collectives {
  package var rank: Int { 0 }
  package var world: Int { 1 }

  package init() {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {}
  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {}
}
