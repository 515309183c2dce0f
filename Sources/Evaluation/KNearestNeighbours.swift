import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// k-NN classification as DINO and DINOv2 judge features: cosine similarity, votes of
/// exp(similarity / temperature).
package struct KNearestNeighbours: Sendable {
  /// Each is judged by itself; the neighbours are looked for once.
  package let ks: [Int]
  package let temperature: Float

  /// The paper's: k of 10, 20, 100 and 200, temperature 0.07.
  package static let paper = KNearestNeighbours(ks: [10, 20, 100, 200], temperature: 0.07)

  package init(ks: [Int], temperature: Float) {
    self.ks = ks
    self.temperature = temperature
  }

  package init(k: Int, temperature: Float) { self.init(ks: [k], temperature: temperature) }

  /// The class that is voted for each query, for each k; of equals the first class. A k beyond the
  /// bank takes the whole bank.
  ///
  /// bank: [labels.count, width] features that vote; queries [n, width]. Both are L2-normalised
  /// here; a class is a number in 0 ..< classes.
  package func predictions(
    bank: [Float], labels: [Int], queries: [Float], classes: Int, kernels: any Kernels
  ) throws(MemoryError) -> [[Int]] {
    let width = bank.count / labels.count
    let count = queries.count / width
    let plan = ArenaPlan(for: kernels.device)
    let bankRows = plan.matrix(labels.count, width)
    let queryRows = plan.matrix(count, width)
    let norms = plan.buffer(max(labels.count, count))
    try kernels.reserve(plan)
    for (values, rows) in [(bank, bankRows), (queries, queryRows)] {
      kernels.upload(values, to: rows.buffer)
      kernels.l2Normalise(rows, eps: 1e-12, norms: norms[0..<rows.rows], into: rows)
    }
    let found = kernels.nearest(queryRows, in: bankRows, k: min(ks.max() ?? 0, labels.count))
    return ks.map { k in
      zip(found.rows, found.similarities).map { rows, similarities in
        vote(rows.prefix(k).map { labels[$0] }, similarities, classes)
      }
    }
  }

  /// The class with the most weight among neighbours, of which the first is the nearest.
  private func vote(_ neighbours: [Int], _ similarities: [Float], _ classes: Int) -> Int {
    var votes = [Float](repeating: 0, count: classes)
    for (label, similarity) in zip(neighbours, similarities) {
      // Relative to the nearest, which changes no order and cannot overflow.
      votes[label] += exp((similarity - similarities[0]) / temperature)
    }
    return votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 }
  }

  /// The share of queries whose class is voted right, by the first k.
  package func accuracy(
    bank: [Float], bankLabels: [Int], queries: [Float], queryLabels: [Int], classes: Int,
    kernels: any Kernels
  ) throws(MemoryError) -> Double {
    let voted = try predictions(
      bank: bank, labels: bankLabels, queries: queries, classes: classes, kernels: kernels)[0]
    return Accuracy(voted, labels: queryLabels).value
  }
}
