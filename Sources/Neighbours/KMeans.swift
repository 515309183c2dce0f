import Tensor

/// k-means: clusters of vectors around centroids, by Lloyd's iterations from a k-means++ start.
///
/// Products find the nearest centroid of every vector. Sums are in double precision. The same seed
/// gives the same bits for any number of threads.
package struct KMeans {
  package let clusters: Int
  package let kind: ClusterKind
  /// The most times that centroids are moved.
  package let iterations: Int
  package let seed: UInt64

  package init(
    clusters: Int, kind: ClusterKind = .spherical, iterations: Int = 20, seed: UInt64 = 0
  ) {
    precondition(clusters > 0 && iterations >= 0)
    self.clusters = clusters
    self.kind = kind
    self.iterations = iterations
    self.seed = seed
  }

  /// Returns clusters of the vectors. Stops when no vector changes its cluster, or when the
  /// potential no longer falls. Throws if there are fewer vectors than clusters.
  ///
  /// - Parameter start: the first centroids; `nil` for those that k-means++ chooses.
  package func run(
    _ vectors: Vectors, by search: NeighbourSearch, from start: Vectors? = nil,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> Clustering {
    guard vectors.count >= clusters else { throw .tooFew(have: vectors.count, asked: clusters) }
    let all = ProgressSpan(report: progress)
    let startEnd = start == nil ? 1 / Double(iterations + 2) : 0
    let assignment = Assignment(vectors, kind, search)
    var centroids: Vectors
    if let start {
      guard start.dimension == vectors.dimension else {
        throw .dimensions(start.dimension, vectors.dimension)
      }
      precondition(start.count == clusters)
      centroids = start
      try assignment.assign(to: centroids, all.part(0, 1 / Double(iterations + 1)))
    } else {
      centroids = try KMeansStart(clusters, seed, assignment).centroids(all.part(0, startEnd))
    }
    var labels = assignment.labels()
    var potentials = [assignment.potential()]
    for iteration in 0..<iterations {
      let share = (1 - startEnd) / Double(iterations)
      let span = all.part(
        startEnd + Double(iteration) * share, startEnd + Double(iteration + 1) * share)
      let moved = try CentroidUpdate(assignment, labels).centroids(from: centroids)
      try assignment.reassign(labels, to: moved, span)
      let potential = assignment.potential()
      guard potential < potentials.last! else { break }
      let next = assignment.labels()
      let isSame = next == labels
      (centroids, labels) = (moved, next)
      potentials.append(potential)
      if isSame { break }
    }
    try all.reached(1)
    return Clustering(centroids: centroids, labels: labels, potentials: potentials)
  }

  /// Returns the cluster of each vector for centroids that are there already.
  package static func labels(
    _ vectors: Vectors, _ centroids: Vectors, kind: ClusterKind, by search: NeighbourSearch,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> [UInt32] {
    guard centroids.dimension == vectors.dimension else {
      throw .dimensions(centroids.dimension, vectors.dimension)
    }
    let assignment = Assignment(vectors, kind, search)
    try assignment.assign(to: centroids, ProgressSpan(report: progress))
    return assignment.labels()
  }
}

/// The result of k-means.
package struct Clustering: Sendable {
  package let centroids: Vectors
  /// The cluster of each vector; of equally near ones the first.
  package let labels: [UInt32]
  /// The sum of squared distances to the nearest centroid, from the start to the end. It never
  /// rises.
  package let potentials: [Double]
}
