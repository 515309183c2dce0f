import Tensor

/// New centroids from the vectors that belong to each.
struct CentroidUpdate {
  private let assignment: Assignment
  private let labels: [UInt32]

  init(_ assignment: Assignment, _ labels: [UInt32]) {
    self.assignment = assignment
    self.labels = labels
  }

  /// Returns the mean of each cluster. An empty cluster begins anew at the vector of the largest
  /// one that is farthest from its centroid.
  func centroids(from old: Vectors) throws(NeighbourError) -> Vectors {
    let members = Members(labels, clusters: old.count)
    let vectors = assignment.vectors
    let dimension = vectors.dimension
    var elements = [Float](repeating: 0, count: old.count * dimension)
    elements.withUnsafeMutableBufferPointer { elements in
      let target = elements.baseAddress!
      assignment.search.pool.forEach(old.count, grain: 4) { cluster in
        let centroid = target + cluster * dimension
        let mine = members[cluster]
        if mine.isEmpty {
          centroid.update(from: old.vector(cluster), count: dimension)
        } else {
          mean(of: mine, into: centroid, old: old.vector(cluster))
        }
      }
      for (cluster, vector) in splits(members) {
        let centroid = target + cluster * dimension
        centroid.update(from: vectors.vector(vector), count: dimension)
        if assignment.kind == .spherical { normalise(centroid, dimension) }
      }
    }
    return try Vectors(elements, dimension: dimension)
  }

  private func mean(
    of members: ArraySlice<UInt32>, into centroid: UnsafeMutablePointer<Float>,
    old: UnsafePointer<Float>
  ) {
    let dimension = assignment.vectors.dimension
    withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) { sums in
      let sum = sums.baseAddress!
      sum.initialize(repeating: 0, count: dimension)
      for member in members {
        let vector = assignment.vectors.vector(Int(member))
        for i in 0..<dimension { sum[i] += Double(vector[i]) }
      }
      var divisor = Double(members.count)
      if assignment.kind == .spherical {
        divisor = (0..<dimension).reduce(0.0) { $0 + sum[$1] * sum[$1] }.squareRoot()
      }
      // Vectors that cancel each other have no mean direction.
      guard divisor > 1e-30 else { return centroid.update(from: old, count: dimension) }
      for i in 0..<dimension { centroid[i] = Float(sum[i] / divisor) }
    }
  }

  /// Returns where each empty cluster begins anew: empty cluster and vector.
  private func splits(_ members: Members) -> [(cluster: Int, vector: Int)] {
    var sizes = (0..<members.count).map { members[$0].count }
    var taken: Set<Int> = []
    var found: [(cluster: Int, vector: Int)] = []
    for empty in sizes.indices where members[empty].isEmpty {
      while let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), sizes[largest] > 1 {
        var (farthest, distance) = (-1, 1e-12)
        for member in members[largest] where !taken.contains(Int(member)) {
          let other = assignment.squaredDistance(Int(member))
          if other > distance { (farthest, distance) = (Int(member), other) }
        }
        // A cluster of equal vectors cannot be split.
        guard farthest >= 0 else {
          sizes[largest] = 0
          continue
        }
        taken.insert(farthest)
        found.append((empty, farthest))
        sizes[largest] = (sizes[largest] + 1) / 2
        break
      }
    }
    return found
  }
}

/// Scales a vector to length 1; a zero vector stays as it is.
func normalise(_ vector: UnsafeMutablePointer<Float>, _ dimension: Int) {
  let length = (0..<dimension).reduce(0.0) { $0 + Double(vector[$1]) * Double(vector[$1]) }
    .squareRoot()
  guard length > 1e-30 else { return }
  for i in 0..<dimension { vector[i] = Float(Double(vector[i]) / length) }
}
