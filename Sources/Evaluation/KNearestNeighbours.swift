import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// k-NN classification as in the evaluation of DINO and DINOv2: the nearest neighbours by cosine
/// similarity vote with exp(similarity / temperature).
///
/// The *bank* consists of the labelled images that vote. The *queries* are the images whose
/// classes are predicted.
package struct KNearestNeighbours: Sendable {
  /// The numbers of neighbours. There are predictions for each; the search is done once.
  package let ks: [Int]
  package let temperature: Float

  /// The paper's settings: k of 10, 20, 100 and 200, temperature 0.07.
  package static let paper = KNearestNeighbours(ks: [10, 20, 100, 200], temperature: 0.07)

  package init(ks: [Int], temperature: Float) {
    self.ks = ks
    self.temperature = temperature
  }

  /// Classifies with a single number of neighbours.
  package init(k: Int, temperature: Float) { self.init(ks: [k], temperature: temperature) }

  /// Returns the predicted class of each query, for each k; the first class if votes are equal. If
  /// k exceeds the size of the bank, the whole bank votes. Throws if memory cannot be reserved.
  ///
  /// - Parameters:
  ///   - bank: features [labels.count, width]; they are L2-normalised here, like the queries.
  ///   - labels: the classes of the bank, in 0 ..< classes.
  ///   - queries: features [n, width].
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

  /// Returns the class with the largest sum of votes. The neighbours are sorted, nearest first.
  private func vote(_ neighbours: [Int], _ similarities: [Float], _ classes: Int) -> Int {
    var votes = [Float](repeating: 0, count: classes)
    for (label, similarity) in zip(neighbours, similarities) {
      // Relative to the nearest, which changes no order and prevents overflow.
      votes[label] += exp((similarity - similarities[0]) / temperature)
    }
    return votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 }
  }

  /// Returns the accuracy on the queries for the first k; see `predictions`.
  package func accuracy(
    bank: [Float], bankLabels: [Int], queries: [Float], queryLabels: [Int], classes: Int,
    kernels: any Kernels
  ) throws(MemoryError) -> Double {
    let voted = try predictions(
      bank: bank, labels: bankLabels, queries: queries, classes: classes, kernels: kernels)[0]
    return Accuracy(voted, labels: queryLabels).value
  }
}
