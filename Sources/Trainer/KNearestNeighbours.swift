import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// k-NN classification as DINO and DINOv2 judge features: cosine similarity, votes of
/// exp(similarity / temperature).
package struct KNearestNeighbours {
  package let k: Int
  package let temperature: Float

  package init(k: Int, temperature: Float) {
    self.k = k
    self.temperature = temperature
  }

  /// The share of queries whose class is voted right.
  ///
  /// bank: [labels.count, width] features that vote; queries likewise. Both are L2-normalised here;
  /// a class is a number in 0 ..< classes.
  package func accuracy(
    bank: [Float], bankLabels: [Int], queries: [Float], queryLabels: [Int], classes: Int,
    kernels: any Kernels
  ) throws(MemoryError) -> Double {
    let width = bank.count / bankLabels.count
    let plan = ArenaPlan()
    let bankRows = plan.matrix(bankLabels.count, width)
    let queryRows = plan.matrix(queryLabels.count, width)
    let norms = plan.buffer(max(bankLabels.count, queryLabels.count))
    try kernels.reserve(plan)
    for (values, rows) in [(bank, bankRows), (queries, queryRows)] {
      kernels.upload(values, to: rows.buffer)
      kernels.l2Normalise(rows, eps: 1e-12, norms: norms[0..<rows.rows], into: rows)
    }
    let found = kernels.nearest(queryRows, in: bankRows, k: min(k, bankLabels.count))
    var right = 0
    for (query, label) in queryLabels.enumerated() {
      var votes = [Float](repeating: 0, count: classes)
      for (row, similarity) in zip(found.rows[query], found.similarities[query]) {
        votes[bankLabels[row]] += exp(similarity / temperature)
      }
      let best = votes.indices.max { votes[$0] < votes[$1] }
      if best == label { right += 1 }
    }
    return Double(right) / Double(queryLabels.count)
  }
}
