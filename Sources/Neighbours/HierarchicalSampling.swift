import Tensor

/// Draws a part of the vectors that is balanced over a tree of clusters (Vo et al. 2024, arXiv
/// 2405.15613): from the top down each cluster gets as many as the others, unless it has fewer.
package struct HierarchicalSampling: Sendable {
  /// Which vectors of a lowest cluster are taken.
  package enum Choice: Sendable {
    case random
    /// Those nearest to the centroid, as clusters of this kind measure it.
    case nearest(ClusterKind)
  }

  package let choice: Choice
  package let seed: UInt64

  package init(choice: Choice = .random, seed: UInt64 = 0) {
    self.choice = choice
    self.seed = seed
  }

  /// Returns `target` of the vectors, in ascending order. Throws if there are not as many.
  package func sample(
    _ target: Int, of vectors: Vectors, _ tree: ClusterTree
  ) throws(NeighbourError) -> [Int] {
    guard target <= vectors.count else { throw .tooFew(have: vectors.count, asked: target) }
    precondition(target >= 0 && tree.levels[0].labels.count == vectors.count)
    let members = tree.levels.map { Members($0.labels, clusters: $0.centroids.count) }
    let sizes = Self.sizes(members)
    let top = tree.levels.count - 1
    var quotas = share(target, among: sizes[top], top + 1, 0)
    for level in stride(from: top, to: 0, by: -1) {
      var below = [Int](repeating: 0, count: sizes[level - 1].count)
      for cluster in quotas.indices {
        let items = members[level][cluster].map { Int($0) }
        let shares = share(
          quotas[cluster], among: items.map { sizes[level - 1][$0] }, level, cluster)
        for (item, quota) in zip(items, shares) { below[item] = quota }
      }
      quotas = below
    }
    return leaves(quotas, members[0], vectors, tree.levels[0].centroids).sorted()
  }

  /// Returns the number of vectors in each cluster of each level.
  private static func sizes(_ members: [Members]) -> [[Int]] {
    var all: [[Int]] = []
    for level in members {
      let below = all.last
      all.append(
        (0..<level.count).map { cluster in
          level[cluster].reduce(0) { $0 + (below?[Int($1)] ?? 1) }
        })
    }
    return all
  }

  /// Divides a number among clusters: each gets min(x, size) for the largest x that is not too
  /// much, and what is left goes one by one to others, drawn at random.
  func share(_ target: Int, among sizes: [Int], _ level: Int = 0, _ cluster: Int = 0) -> [Int] {
    var (low, high) = (0, sizes.max() ?? 0)
    while low < high {
      let middle = (low + high + 1) / 2
      if sizes.reduce(0, { $0 + min(middle, $1) }) <= target {
        low = middle
      } else {
        high = middle - 1
      }
    }
    var shares = sizes.map { min(low, $0) }
    let larger = sizes.indices.filter { sizes[$0] > low }
    let rest = min(target - shares.reduce(0, +), larger.count)
    var random = CounterRandom(seed: seed, use: .cluster, 3 + level, cluster)
    for place in random.subset(rest, of: larger.count) { shares[larger[place]] += 1 }
    return shares
  }

  private func leaves(
    _ quotas: [Int], _ members: Members, _ vectors: Vectors, _ centroids: Vectors
  ) -> [Int] {
    quotas.indices.flatMap { cluster -> [Int] in
      let mine = members[cluster]
      switch choice {
      case .random:
        var random = CounterRandom(seed: seed, use: .cluster, 3, cluster)
        return random.subset(quotas[cluster], of: mine.count).map {
          Int(mine[mine.startIndex + $0])
        }
      case .nearest(let kind):
        return Nearness(vectors, centroids, kind)
          .sorted(mine, around: cluster, count: quotas[cluster])
      }
    }
  }
}
