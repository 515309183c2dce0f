import Kernels
import Tensor

extension NeighbourSearch {
  /// Returns most of what `graph` returns, in much less time for many vectors. A pair is found if
  /// one of the two is in a list that is among the nearest of the other.
  package func approximateGraph(
    _ vectors: Vectors, above threshold: Float, k: Int = 64, by settings: InvertedLists = .init(),
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> ApproximateGraph {
    let all = ProgressSpan(report: progress)
    guard vectors.count > 0 else {
      return ApproximateGraph(
        lists: try graph(vectors, above: threshold, k: k), recall: 1, sample: [])
    }
    let centroids = try settings.centroids(vectors, self, all.part(0, 0.3))
    let capacity = max(1, min(k, vectors.count - 1))
    let growing = GrowingLists(count: vectors.count, capacity: capacity, above: threshold)
    let probes = GrowingLists(
      count: vectors.count, capacity: min(settings.probes, centroids.count), above: -.infinity)
    try search(vectors, in: SearchedPart(vectors: centroids), into: probes, all.part(0.3, 0.45))
    let visits = ListVisits(probes.finished(), lists: centroids.count)
    let comparison = ListComparison(
      search: self, vectors: vectors, visits: visits, lists: growing,
      margin: margin(vectors.dimension, vectors.largestLength, vectors.largestLength))
    for list in 0..<centroids.count {
      comparison.compare(list)
      try all.reached(0.45 + 0.4 * Double(list + 1) / Double(centroids.count))
    }
    let found = growing.finished()
    var random = CounterRandom(seed: settings.seed, use: .cluster, 2)
    let sample = random.subset(min(settings.sample, vectors.count), of: vectors.count).sorted()
    let recall = try recall(of: found, vectors, sample, above: threshold, all.part(0.85, 1))
    return ApproximateGraph(lists: found, recall: recall, sample: sample)
  }

  /// Returns the part of the neighbours of some vectors that a graph has.
  package func recall(
    of graph: NeighbourLists, _ vectors: Vectors, _ sample: [Int], above threshold: Float,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> Double {
    try recall(of: graph, vectors, sample, above: threshold, ProgressSpan(report: progress))
  }

  private func recall(
    of graph: NeighbourLists, _ vectors: Vectors, _ sample: [Int], above threshold: Float,
    _ progress: ProgressSpan
  ) throws(NeighbourError) -> Double {
    guard !sample.isEmpty else { return 1 }
    let queries = try Vectors(vectors.gathered(sample), dimension: vectors.dimension)
    // One more, because each finds itself.
    let lists = GrowingLists(
      count: sample.count, capacity: graph.capacity + 1, above: threshold)
    try search(queries, in: SearchedPart(vectors: vectors), into: lists, progress)
    let exact = lists.finished()
    var (all, found) = (0, 0)
    for (place, vector) in sample.enumerated() {
      let wanted = exact.indices(place).filter { Int($0) != vector }.prefix(graph.capacity)
      all += wanted.count
      found += Set(graph.indices(vector)).intersection(wanted).count
    }
    return all == 0 ? 1 : Double(found) / Double(all)
  }
}
