import Neighbours
import Support
import Tensor

/// Keeps what is like examples (section A.4 of the paper): the nearest images of each example, or the
/// clusters that enough examples fall into.
enum RetrieveStage: Stage {
  static let name = StageName.retrieve

  static func isWanted(_ plan: CurationPlan) -> Bool { !plan.retrieve.queries.isEmpty }

  static func extraInputs(_ context: CurationContext) throws -> String {
    try context.catalogue.fingerprint(.example)
  }

  static func run(_ context: CurationContext) throws -> String {
    let pool = try context.catalogue.images(keptAfter: .decontaminate)
    let examples = try context.catalogue.images(.example)
    guard let (images, vectors) = try context.featured(pool), !images.isEmpty,
      let (known, queries) = try context.featured(examples), !known.isEmpty
    else {
      throw CatalogueError.failed(
        path: context.pool.path, detail: "no image or no example has features to compare")
    }
    let retrieval = Retrieval(
      images: images, vectors: vectors, examples: known, queries: queries, context: context)
    let candidates = try retrieval.candidates()
    let origins = candidates.chosen(by: context.plan.retrieve, known)
    let kept = Set(origins.map(\.image))
    let verdicts = pool.filter { !kept.contains($0.id) }.map {
      Verdict(image: $0.id, stage: name, rule: "not retrieved", score: nil, other: nil)
    }
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.put(candidates, chosen: origins)
      try context.catalogue.add(verdicts)
    }
    return "\(Format.count(kept.count, "image")) like \(Format.count(known.count, "example"))"
  }
}

/// The comparison of a pool with examples.
private struct Retrieval {
  let images: [CatalogueImage]
  let vectors: Vectors
  let examples: [CatalogueImage]
  let queries: Vectors
  let context: CurationContext

  private var keys: CurationPlan.Retrieve { context.plan.retrieve }

  /// How many times as many images as the plan wants are found, so that a sheet can show what other
  /// numbers would bring in.
  private static let surplus = 4
  /// The most images that are found for all examples together, unless the plan wants more.
  private static let most = 4_000_000

  func candidates() throws -> [RetrievalOrigin] {
    var found: [RetrievalOrigin] = []
    if keys.neighbours > 0 { found += try nearest() }
    if keys.clusters > 0 { found += try clustered() }
    return found
  }

  private func nearest() throws -> [RetrievalOrigin] {
    let wide = keys.neighbours * Self.surplus
    let isFew = wide <= Self.most / max(1, examples.count)
    let lists = try context.search().nearest(
      queries, in: vectors, k: min(isFew ? wide : keys.neighbours, images.count),
      progress: context.progress(RetrieveStage.name, "examples"))
    return examples.indices.flatMap { example in
      zip(lists.indices(example), lists.scores(example)).enumerated().map { rank, found in
        RetrievalOrigin(
          image: images[Int(found.0)].id, example: examples[example].id, score: Double(found.1),
          way: .nearest, rank: rank)
      }
    }
  }

  /// The images of the clusters that enough examples of a set fall into, in an order drawn by the
  /// plan's seed.
  private func clustered() throws -> [RetrievalOrigin] {
    let search = context.search()
    let clustering = try KMeans(
      clusters: min(keys.clusters, images.count), seed: UInt64(context.plan.pool.seed)
    ).run(vectors, by: search, progress: context.progress(RetrieveStage.name, "clusters"))
    let nearest = try search.nearest(queries, in: clustering.centroids, k: 1)
    var members: [Int: [Int]] = [:]
    for (image, cluster) in clustering.labels.enumerated() {
      members[Int(cluster), default: []].append(image)
    }
    var found: [RetrievalOrigin] = []
    let sets = Dictionary(grouping: examples.indices) { examples[$0].source }
    for (source, set) in sets.sorted(by: { $0.key < $1.key }) {
      let falls = Dictionary(grouping: set) { Int(nearest.indices($0)[0]) }
      for (cluster, inside) in falls.sorted(by: { $0.key < $1.key })
      where inside.count >= keys.minQueries {
        let drawn = draw(members[cluster] ?? [], source: source, cluster: cluster)
        found += drawn.enumerated().map { rank, image in
          let best = inside.max { score($0, image) < score($1, image) }!
          return RetrievalOrigin(
            image: images[image].id, example: examples[best].id,
            score: Double(score(best, image)), way: .cluster, rank: rank)
        }
      }
    }
    return found
  }

  private func draw(_ members: [Int], source: Int, cluster: Int) -> [Int] {
    var random = CounterRandom(
      seed: UInt64(context.plan.pool.seed), use: .retrieve, source, cluster)
    let (most, overflow) = keys.perCluster.multipliedReportingOverflow(by: Self.surplus)
    return random.permutation(members.count).prefix(overflow ? members.count : most)
      .map { members[$0] }
  }

  private func score(_ example: Int, _ image: Int) -> Float {
    let (a, b) = (queries.vector(example), vectors.vector(image))
    return (0..<vectors.dimension).reduce(Float(0)) { $0 + a[$1] * b[$1] }
  }
}
