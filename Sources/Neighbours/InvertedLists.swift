import Kernels
import Tensor

/// How vectors are divided into lists, so that a vector need not be compared with all others.
package struct InvertedLists: Sendable {
  /// The number of lists; `nil` for 4 · √n.
  package let lists: Int?
  /// The nearest lists that each vector is compared with.
  package let probes: Int
  /// The vectors whose neighbours are also found exactly, to measure the recall.
  package let sample: Int
  package let seed: UInt64

  package init(lists: Int? = nil, probes: Int = 16, sample: Int = 1000, seed: UInt64 = 0) {
    precondition(probes > 0 && sample >= 0)
    self.lists = lists
    self.probes = probes
    self.sample = sample
    self.seed = seed
  }

  /// Vectors of a list's centroid that are drawn to find the centroids, and the iterations.
  private static let trained = 32
  private static let iterations = 6

  /// Returns the centroids of the lists.
  func centroids(
    _ vectors: Vectors, _ search: NeighbourSearch, _ progress: ProgressSpan
  ) throws(NeighbourError) -> Vectors {
    let asked = lists ?? Int(4 * Double(vectors.count).squareRoot())
    let count = max(1, min(asked, vectors.count))
    var random = CounterRandom(seed: seed, use: .cluster, 1)
    let drawn = random.subset(min(vectors.count, Self.trained * count), of: vectors.count)
    let training = try Vectors(vectors.gathered(drawn.sorted()), dimension: vectors.dimension)
    let means = KMeans(
      clusters: count, kind: .spherical, iterations: Self.iterations, seed: seed)
    return try means.run(training, by: search) { progress.report(progress.place($0)) }.centroids
  }
}

/// A graph that was found by inverted lists.
package struct ApproximateGraph: Sendable {
  package let lists: NeighbourLists
  /// The part of the neighbours of the sample that was found; 1 if they have none.
  package let recall: Double
  /// The vectors of the sample, in ascending order.
  package let sample: [Int]
}
