/// What the ranks of a run compute together: each has images of its own, and the sums that the method
/// takes over all images are taken over all ranks.
///
/// All ranks make the same calls in the same order with as many values, also a rank that has nothing
/// to add. After a call every rank has the same bits, by an order of summing that depends on the number
/// of ranks alone: one fixed tree, of which a rank's own values are a branch. A call is made on the
/// trainer's thread and returns once the values are there.
package protocol Collectives {
  /// This rank's number, from 0.
  var rank: Int { get }
  /// How many ranks there are.
  var world: Int { get }

  /// Each value becomes its sum over the ranks.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>)
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>)

  /// Each value becomes the largest of the ranks'.
  func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>)
}

extension Collectives {
  /// This rank's part of a range that all ranks share among them, in the order of their numbers.
  package func part(of range: Range<Int>) -> Range<Int> {
    func border(_ rank: Int) -> Int { range.lowerBound + range.count * rank / world }
    return border(rank)..<border(rank + 1)
  }
}

/// A run of one rank: every sum is its own already.
package struct SingleRank: Collectives {
  package var rank: Int { 0 }
  package var world: Int { 1 }

  package init() {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {}
  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {}
}
