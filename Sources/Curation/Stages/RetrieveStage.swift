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
    let origins = try retrieval.origins()
    let kept = Set(origins.map(\.image))
    let verdicts = pool.filter { !kept.contains($0.id) }.map {
      Verdict(image: $0.id, stage: name, rule: "not retrieved", score: nil, other: nil)
    }
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.put(origins)
      try context.catalogue.add(verdicts)
    }
    return "\(Format.count(kept.count, "image")) like \(Format.count(known.count, "example"))"
  }
}

/// What an example brought in.
package struct RetrievalOrigin: Sendable, Equatable {
  package let image: Int
  package let example: Int
  /// The cosine of their features.
  package let score: Double
}

extension Catalogue {
  /// Replaces what the examples brought in.
  fileprivate func put(_ origins: [RetrievalOrigin]) throws(CatalogueError) {
    try database.run("DELETE FROM origins")
    let put = try database.prepare("INSERT INTO origins VALUES(?, ?, ?)")
    for origin in origins {
      put.bind(origin.image, at: 0)
      put.bind(origin.example, at: 1)
      put.bind(origin.score, at: 2)
      try put.run()
    }
  }

  /// Returns what the examples brought in, by example, the likest first.
  package func origins() throws(CatalogueError) -> [RetrievalOrigin] {
    let find = try database.prepare(
      "SELECT image, example, score FROM origins ORDER BY example, score DESC, image")
    var origins: [RetrievalOrigin] = []
    while try find.step() {
      origins.append(
        RetrievalOrigin(
          image: find.integer(0), example: find.integer(1), score: find.double(2)))
    }
    return origins
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

  func origins() throws -> [RetrievalOrigin] {
    var found: [RetrievalOrigin] = []
    if keys.neighbours > 0 { found += try nearest() }
    if keys.clusters > 0 { found += try clustered() }
    return capped(found)
  }

  private func nearest() throws -> [RetrievalOrigin] {
    let lists = try context.search().nearest(
      queries, in: vectors, k: keys.neighbours,
      progress: context.progress(RetrieveStage.name, "examples"))
    return examples.indices.flatMap { example in
      zip(lists.indices(example), lists.scores(example)).map {
        RetrievalOrigin(
          image: images[Int($0)].id, example: examples[example].id, score: Double($1))
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
        found += draw(members[cluster] ?? [], source: source, cluster: cluster).map { image in
          let best = inside.max { score($0, image) < score($1, image) }!
          return RetrievalOrigin(
            image: images[image].id, example: examples[best].id,
            score: Double(score(best, image)))
        }
      }
    }
    return found
  }

  private func draw(_ members: [Int], source: Int, cluster: Int) -> [Int] {
    guard members.count > keys.perCluster else { return members }
    var random = CounterRandom(
      seed: UInt64(context.plan.pool.seed), use: .retrieve, source, cluster)
    return random.permutation(members.count).prefix(keys.perCluster).map { members[$0] }
  }

  private func score(_ example: Int, _ image: Int) -> Float {
    let (a, b) = (queries.vector(example), vectors.vector(image))
    return (0..<vectors.dimension).reduce(Float(0)) { $0 + a[$1] * b[$1] }
  }

  /// Keeps the likest images of each set of examples, as many as a set may bring in. Each image is
  /// there once for each example that brought it in.
  private func capped(_ origins: [RetrievalOrigin]) -> [RetrievalOrigin] {
    let sources = Dictionary(uniqueKeysWithValues: examples.map { ($0.id, $0.source) })
    var best: [Int: [Int: Double]] = [:]
    for origin in origins {
      let source = sources[origin.example]!
      best[source, default: [:]][origin.image] = max(
        best[source]?[origin.image] ?? -2, origin.score)
    }
    let kept = best.mapValues { scores in
      Set(
        scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(keys.most).map(\.key))
    }
    return origins.filter { kept[sources[$0.example]!]!.contains($0.image) }
  }
}
