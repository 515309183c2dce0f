import Tensor

/// k-means++ (Arthur and Vassilvitskii 2007): each further centroid is a vector that is drawn with
/// a probability proportional to its squared distance to the nearest one so far.
///
/// Distances to all vectors are computed for many new centroids at once. In between, a vector is
/// drawn by the distances of before, and accepted with the probability by which its own has fallen
/// since: so it is drawn by the present distances exactly.
struct KMeansStart {
  private let clusters: Int
  private let assignment: Assignment
  private var random: CounterRandom
  /// Squared distances added up, in the order of the vectors.
  private var sums: [Double] = []

  /// The most centroids that are drawn between two computations of all distances.
  private static let most = 256

  init(_ clusters: Int, _ seed: UInt64, _ assignment: Assignment) {
    self.clusters = clusters
    self.assignment = assignment
    random = CounterRandom(seed: seed, use: .cluster)
  }

  /// Returns the centroids; the vectors are then assigned to them.
  func centroids(_ progress: ProgressSpan) throws(NeighbourError) -> Vectors {
    var start = self
    var chosen: [Int] = []
    let spherical = assignment.kind == .spherical
    let dimension = assignment.vectors.dimension
    var elements: [Float] = []
    while chosen.count < clusters {
      let drawn = start.draw(min(max(1, chosen.count), Self.most, clusters - chosen.count), chosen)
      var part = assignment.vectors.gathered(drawn)
      if spherical {
        part.withUnsafeMutableBufferPointer { part in
          for index in drawn.indices {
            normalise(part.baseAddress! + index * dimension, dimension)
          }
        }
      }
      let (begin, end) = (chosen.count, chosen.count + drawn.count)
      try assignment.assign(
        to: Vectors(part, dimension: dimension), first: begin,
        progress.part(Double(begin) / Double(clusters), Double(end) / Double(clusters)))
      chosen += drawn
      elements += part
    }
    return try Vectors(elements, dimension: dimension)
  }

  /// Draws up to `count` further vectors, and at least one.
  private mutating func draw(_ count: Int, _ chosen: [Int]) -> [Int] {
    let all = assignment.vectors.count
    guard !chosen.isEmpty else { return [random.below(all)] }
    sums.removeAll(keepingCapacity: true)
    sums.reserveCapacity(all)
    var total = 0.0
    for vector in 0..<all {
      total += assignment.squaredDistance(vector)
      sums.append(total)
    }
    guard total > 1e-12 * Double(all) else { return rest(count, chosen) }
    var drawn: [Int] = []
    var attempts = 0
    while drawn.count < count && (drawn.isEmpty || attempts < 4 * count) {
      attempts += 1
      let vector = place(of: random.uniformDouble() * total)
      let before = assignment.squaredDistance(vector)
      let now = drawn.reduce(before) { min($0, assignment.squaredDistance(vector, toVector: $1)) }
      if random.uniformDouble() * before < now { drawn.append(vector) }
    }
    return drawn
  }

  /// Returns the first vector whose sum is above the value.
  private func place(of value: Double) -> Int {
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Draws vectors if all are equal to one that was chosen.
  private mutating func rest(_ count: Int, _ chosen: [Int]) -> [Int] {
    let used = Set(chosen)
    return Array(
      random.permutation(assignment.vectors.count).lazy.filter { !used.contains($0) }.prefix(count))
  }
}
