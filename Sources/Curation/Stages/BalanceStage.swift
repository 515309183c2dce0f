import Neighbours
import Support

/// Draws images evenly from the clusters of a hierarchy, so that what the heap has much of does not
/// drown the rest (Vo et al. 2024, arXiv 2405.15613).
enum BalanceStage: Stage {
  static let name = StageName.balance

  static func isWanted(_ plan: CurationPlan) -> Bool {
    !plan.balance.clusters.isEmpty && plan.balance.target > 0
  }

  static func run(_ context: CurationContext) throws -> String {
    let pool = try context.catalogue.images(keptAfter: .retrieve)
    let keys = context.plan.balance
    let seed = UInt64(context.plan.pool.seed)
    guard let (images, vectors) = try context.featured(pool), images.count > keys.target else {
      return "\(Format.count(pool.count, "image")), no more than balance.target"
    }
    guard images.count >= keys.clusters[0] else {
      throw CatalogueError.failed(
        path: context.pool.path,
        detail: "has \(images.count) images with features, fewer than the \(keys.clusters[0]) "
          + "clusters of balance.clusters")
    }
    let tree = try ClusterTree(
      vectors, steps(images.count, keys), iterations: keys.iterations, seed: seed,
      by: context.search(), progress: context.progress(name, "clusters"))
    let drawn = Set(
      try HierarchicalSampling(seed: seed).sample(keys.target, of: vectors, tree).map {
        images[$0].id
      })
    let verdicts = pool.filter { !drawn.contains($0.id) }.map {
      Verdict(image: $0.id, stage: name, rule: "not drawn", score: nil, other: nil)
    }
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.add(verdicts)
    }
    return
      "\(Format.count(drawn.count, "image")) drawn from \(Format.count(keys.clusters[0])) clusters"
  }

  /// The levels. Those above the first are computed anew from the half of each cluster that is nearest
  /// to its centroid.
  private static func steps(_ count: Int, _ keys: CurationPlan.Balance) -> [ClusterTree.Step] {
    var below = count
    return keys.clusters.enumerated().map { level, clusters in
      defer { below = clusters }
      guard level > 0 else { return ClusterTree.Step(clusters: clusters) }
      return ClusterTree.Step(
        clusters: clusters, resamplings: keys.resamplings,
        nearest: max(1, below / clusters / 2))
    }
  }
}
