import Kernels
import Neighbours
import Tensor

/// Finds and measures clusters of tokens, for `DenseQuality`.
struct TokenClusters {
  let width: Int
  let iterations: Int
  let seed: UInt64
  let kernels: any Kernels & PairKernels
  let pool: WorkerPool

  /// Tokens divided into clusters.
  struct Found {
    let labels: [Int]
    /// [count, width]
    let centroids: [Float]
    let count: Int
    let width: Int
  }

  /// Returns clusters of tokens [n, width] by k-means. Throws if there are too few.
  func find(_ tokens: [Float], _ count: Int) throws(EvaluationError) -> Found {
    let found: Clustering
    do throws(NeighbourError) {
      found = try KMeans(
        clusters: count, kind: .euclidean, iterations: iterations, seed: seed
      ).run(
        Vectors(tokens, dimension: width), by: NeighbourSearch(kernels: kernels, pool: pool))
    } catch {
      throw EvaluationError("\(error)")
    }
    return Found(
      labels: found.labels.map(Int.init),
      centroids: found.centroids.gathered(Array(0..<found.centroids.count)), count: count,
      width: width)
  }

  /// Returns the mean over the clusters of the sum of their tokens' singular values, less their mean, over
  /// √max(tokens − 1, width). An empty cluster does not count.
  func breadth(_ tokens: [Float], _ labels: [Int], count: Int) throws -> Double {
    var members = Array(repeating: [Float](), count: count)
    for (token, label) in labels.enumerated() {
      members[label] += tokens[token * width..<(token + 1) * width]
    }
    members.removeAll(where: \.isEmpty)
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(labels.count, width)
    try kernels.reserve(plan)
    let breadths = members.map { member in
      let size = member.count / width
      let part = rows.first(size)
      kernels.upload(member, to: part.buffer)
      let sum = kernels.spectrum(part, isCentred: true).reduce(0) { $0 + max($1, 0).squareRoot() }
      return sum / Double(max(size - 1, width)).squareRoot()
    }
    return breadths.reduce(0, +) / Double(max(breadths.count, 1))
  }
}

extension TokenClusters.Found {
  /// Returns the mean distance of tokens to the nearest centroid that is not their own.
  func distanceToOthers(_ tokens: [Float]) -> Double {
    var sum = 0.0
    for (token, label) in labels.enumerated() {
      let others = (0..<count).filter { $0 != label }.map { centroid in
        (0..<width).reduce(0.0) {
          let difference =
            Double(tokens[token * width + $1]) - Double(centroids[centroid * width + $1])
          return $0 + difference * difference
        }
      }
      sum += (others.min() ?? 0).squareRoot()
    }
    return sum / Double(max(labels.count, 1))
  }
}
