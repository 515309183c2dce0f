import Kernels
import Neighbours
import Support
import Tensor

/// Times nearest neighbours and k-means, on given vectors or random ones.
package struct NeighboursBench {
  /// What is computed.
  package enum Method: String, CaseIterable, Sendable {
    /// All pairs above a cosine, exactly.
    case graph
    /// Most of them, by inverted lists.
    case lists
    /// k-means.
    case kmeans
  }

  /// The numbers of the methods.
  package struct Settings: Sendable {
    package var above: Float = 0.6
    package var neighbours = 64
    package var probes = 16
    package var clusters = 1000
    package var iterations = 10

    package init() {}
  }

  /// The work that was done, and how well.
  package struct Result: Sendable {
    /// Wall time, in seconds.
    package var seconds = 0.0
    /// Pairs that were found, each counted for both of its vectors.
    package var edges: Int?
    /// The share of a sample's pairs that inverted lists found.
    package var recall: Double?
    /// The sum of distances to the centroids before each iteration and after the last.
    package var potentials: [Double]?
  }

  private let vectors: Vectors
  private let start: Vectors?
  private let search: NeighbourSearch

  /// - Parameters:
  ///   - elements: the vectors, one after the other.
  ///   - start: the first centroids of k-means; nil for those of k-means++.
  package init(
    _ elements: [Float], dimension: Int, start: [Float]? = nil,
    kernels: any Kernels & PairKernels, pool: WorkerPool
  ) throws(NeighbourError) {
    vectors = try Vectors(elements, dimension: dimension)
    if let start {
      self.start = try Vectors(start, dimension: dimension)
    } else {
      self.start = nil
    }
    search = NeighbourSearch(kernels: kernels, pool: pool)
  }

  /// Random unit vectors, which are no neighbours of one another.
  package static func random(_ count: Int, dimension: Int) -> [Float] {
    var elements: [Float] = []
    elements.reserveCapacity(count * dimension)
    for number in 0..<count {
      var random = CounterRandom(seed: 0, use: .test, number)
      let values = (0..<dimension).map { _ in random.normal() }
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      elements += values.map { $0 / length }
    }
    return elements
  }

  /// Computes one of the methods. Throws if the vectors do not suit it.
  package func run(_ method: Method, _ settings: Settings) throws(NeighbourError) -> Result {
    var result = Result()
    let began = Clock.monotonic()
    switch method {
    case .graph:
      result.edges = edges(
        try search.graph(vectors, above: settings.above, k: settings.neighbours))
    case .lists:
      let found = try search.approximateGraph(
        vectors, above: settings.above, k: settings.neighbours,
        by: InvertedLists(probes: settings.probes))
      (result.edges, result.recall) = (edges(found.lists), found.recall)
    case .kmeans:
      result.potentials = try KMeans(
        clusters: settings.clusters, iterations: settings.iterations
      ).run(vectors, by: search, from: start).potentials
    }
    result.seconds = Clock.monotonic() - began
    return result
  }

  private func edges(_ lists: NeighbourLists) -> Int {
    (0..<lists.count).reduce(0) { $0 + lists.indices($1).count }
  }
}
