/// Clusters of clusters: each level groups the centroids of the level below, the lowest one the
/// vectors.
package struct ClusterTree: Sendable {
  /// A level of the tree.
  package struct Level: Sendable {
    package let centroids: Vectors
    /// The cluster of each vector, or of each centroid of the level below.
    package let labels: [UInt32]
  }

  /// The levels, the lowest first.
  package let levels: [Level]

  /// One level more that k-means is asked for.
  package struct Step: Sendable {
    package let clusters: Int
    /// How many times k-means is done again on the items nearest to each centroid, and how many
    /// of these are taken from each cluster.
    package let resamplings: Int
    package let nearest: Int

    package init(clusters: Int, resamplings: Int = 0, nearest: Int = 1) {
      precondition(clusters > 0 && resamplings >= 0 && nearest > 0)
      self.clusters = clusters
      self.resamplings = resamplings
      self.nearest = nearest
    }
  }

  package init(levels: [Level]) {
    precondition(!levels.isEmpty)
    self.levels = levels
  }

  /// Hierarchical k-means with resampling (Vo et al. 2024, arXiv 2405.15613): dense regions have
  /// many vectors but after resampling no more centroids than others, so that the centroids spread
  /// evenly over what the vectors show.
  ///
  /// - Parameters:
  ///   - steps: what the levels are, the lowest first; each has fewer clusters than the one below.
  ///   - kind, iterations, seed: as of `KMeans`.
  package init(
    _ vectors: Vectors, _ steps: [Step], kind: ClusterKind = .spherical, iterations: Int = 20,
    seed: UInt64 = 0, by search: NeighbourSearch,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) {
    precondition(!steps.isEmpty)
    let all = ProgressSpan(report: progress)
    // The cost of a level is that of its products.
    let counts = [vectors.count] + steps.map(\.clusters)
    let costs = steps.indices.map { Double(counts[$0]) * Double(counts[$0 + 1]) }
    let total = costs.reduce(0, +)
    var (levels, done): ([Level], Double) = ([], 0)
    for (place, step) in steps.enumerated() {
      let items = levels.last?.centroids ?? vectors
      let span = all.part(done / total, (done + costs[place]) / total)
      let growth = GrowingLevel(
        items: items, step: step, kind: kind, iterations: iterations,
        seed: seed &+ UInt64(place) << 32, search: search)
      levels.append(try growth.level(span))
      done += costs[place]
    }
    self.init(levels: levels)
  }
}

/// One level while it is made.
private struct GrowingLevel {
  let items: Vectors
  let step: ClusterTree.Step
  let kind: ClusterKind
  let iterations: Int
  let seed: UInt64
  let search: NeighbourSearch

  func level(_ progress: ProgressSpan) throws(NeighbourError) -> ClusterTree.Level {
    let rounds = Double(step.resamplings + 1)
    var part = progress.part(0, 1 / rounds)
    var (centroids, labels) = try means(of: items, 0, part)
    for round in 0..<step.resamplings {
      part = progress.part(Double(round + 1) / rounds, Double(round + 2) / rounds)
      let taken = nearest(centroids, labels)
      guard taken.count >= step.clusters else { break }
      let some = try Vectors(items.gathered(taken), dimension: items.dimension)
      (centroids, _) = try means(of: some, round + 1, part.part(0, 0.5))
      let rest = part.part(0.5, 1)
      labels = try KMeans.labels(items, centroids, kind: kind, by: search) {
        rest.report(rest.place($0))
      }
    }
    return ClusterTree.Level(centroids: centroids, labels: labels)
  }

  private func means(
    of items: Vectors, _ round: Int, _ progress: ProgressSpan
  ) throws(NeighbourError) -> (Vectors, [UInt32]) {
    let means = KMeans(
      clusters: step.clusters, kind: kind, iterations: iterations, seed: seed &+ UInt64(round))
    let found = try means.run(items, by: search) { progress.report(progress.place($0)) }
    return (found.centroids, found.labels)
  }

  /// Returns the items nearest to each centroid, in ascending order.
  private func nearest(_ centroids: Vectors, _ labels: [UInt32]) -> [Int] {
    let members = Members(labels, clusters: centroids.count)
    let order = Nearness(items, centroids, kind)
    let taken = search.pool.values(centroids.count, [Int]()) { cluster in
      order.sorted(members[cluster], around: cluster, count: step.nearest)
    }
    return taken.flatMap { $0 }.sorted()
  }
}

/// The order of a cluster's members by their distance from the centroid.
struct Nearness {
  private let items: Vectors
  private let centroids: Vectors
  private let kind: ClusterKind

  init(_ items: Vectors, _ centroids: Vectors, _ kind: ClusterKind) {
    self.items = items
    self.centroids = centroids
    self.kind = kind
  }

  /// Returns the nearest of the members; of equally near ones the first.
  func sorted(_ members: ArraySlice<UInt32>, around cluster: Int, count: Int) -> [Int] {
    let scored = members.map { member -> (index: Int, score: Float) in
      let vector = items.vector(Int(member))
      let product = dot(items.dimension, vector, centroids.vector(cluster))
      guard kind == .euclidean else { return (Int(member), product) }
      return (Int(member), product - dot(items.dimension, vector, vector) / 2)
    }
    let order = scored.sorted {
      $0.score > $1.score || ($0.score == $1.score && $0.index < $1.index)
    }
    return order.prefix(count).map(\.index)
  }
}
