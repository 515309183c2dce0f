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
    for list in 0..<centroids.count {
      compare(vectors, visits, list, into: growing)
      try all.reached(0.45 + 0.4 * Double(list + 1) / Double(centroids.count))
    }
    let found = growing.finished()
    var random = CounterRandom(seed: settings.seed, use: .cluster, 2)
    let sample = random.subset(min(settings.sample, vectors.count), of: vectors.count).sorted()
    let recall = try recall(of: found, vectors, sample, above: threshold, all.part(0.85, 1))
    return ApproximateGraph(lists: found, recall: recall, sample: sample)
  }

  /// Compares the members of a list with the vectors that visit it.
  private func compare(
    _ vectors: Vectors, _ visits: ListVisits, _ list: Int, into growing: GrowingLists
  ) {
    let (visitors, members) = (visits.visitors(list), visits.members[list])
    guard !members.isEmpty else { return }
    let margin = margin(vectors.dimension, vectors.largestLength, vectors.largestLength)
    let dimension = vectors.dimension
    let columns = gather(vectors, members)
    for first in stride(from: 0, to: visitors.count, by: Self.rowsAtATime) {
      let block = visitors.dropFirst(first).prefix(Self.rowsAtATime)
      let start = block.startIndex
      let rows = gather(vectors, block)
      rows.withUnsafeBufferPointer { rows in
        columns.withUnsafeBufferPointer { columns in
          let prepared = kernels.prepare(
            HostRows(rows.baseAddress!, count: block.count, width: dimension))
          let all = HostRows(columns.baseAddress!, count: members.count, width: dimension)
          for column in stride(from: 0, to: members.count, by: Self.columnsAtATime) {
            let part = column..<min(members.count, column + Self.columnsAtATime)
            let lowest = members.dropFirst(part.lowerBound).prefix(part.count)
              .reduce(Float.infinity) { min($0, growing.limit(Int($1))) }
            let limits = block.map { min(lowest, growing.limit(Int($0))) - margin }
            kernels.scan(
              prepared, 0..<block.count, all.rows(part), bias: nil, limits: limits, slack: nil
            ) { pairs in
              for pair in pairs {
                let i = Int(block[start + Int(pair.row)])
                let j = Int(members[members.startIndex + column + Int(pair.column)])
                guard i != j else { continue }
                let score = vectors.score(i, j)
                growing.insert(i, UInt32(j), score)
                growing.insert(j, UInt32(i), score)
              }
            }
          }
        }
      }
    }
  }

  private func gather(_ vectors: Vectors, _ indices: ArraySlice<UInt32>) -> [Float] {
    let (dimension, first) = (vectors.dimension, indices.startIndex)
    return [Float](unsafeUninitializedCapacity: indices.count * dimension) { target, count in
      let copy = target
      pool.forEach(indices.count, grain: 128) { place in
        (copy.baseAddress! + place * dimension).update(
          from: vectors.vector(Int(indices[first + place])), count: dimension)
      }
      count = indices.count * dimension
    }
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

/// Which vectors are in a list, and which are compared with it.
private struct ListVisits {
  let members: Members
  private let visits: Members
  private let probes: Int

  /// - Parameter probes: the nearest lists of each vector, its own first.
  init(_ nearest: NeighbourLists, lists: Int) {
    probes = nearest.capacity
    members = Members((0..<nearest.count).map { nearest.indices($0)[0] }, clusters: lists)
    visits = Members(
      (0..<nearest.count).flatMap { nearest.indices($0).map { $0 } }, clusters: lists)
  }

  /// Returns the vectors that are compared with a list, in ascending order.
  func visitors(_ list: Int) -> ArraySlice<UInt32> {
    ArraySlice(visits[list].map { $0 / UInt32(probes) })
  }
}
