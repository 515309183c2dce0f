import SQL

/// An image that an example brings in, or would bring in if a plan wanted more.
package struct RetrievalOrigin: Sendable, Equatable {
  /// How an example brings images in.
  package enum Way: String, Sendable {
    /// As its nearest ones.
    case nearest
    /// As a member of the cluster that it falls into with others.
    case cluster
  }

  package let image: Int
  package let example: Int
  /// The cosine of their features.
  package let score: Double
  package let way: Way
  /// The place among the example's nearest images, or in the order in which the cluster's are drawn.
  package let rank: Int
}

extension [RetrievalOrigin] {
  /// Returns those that a plan brings in: as many of each example and cluster as it says, and of each set of
  /// examples the likest, as many as a set may bring in. An image is there once for each example that brings
  /// it in.
  package func chosen(
    by keys: CurationPlan.Retrieve, _ examples: [CatalogueImage]
  ) -> [RetrievalOrigin] {
    let sources = Dictionary(uniqueKeysWithValues: examples.map { ($0.id, $0.source) })
    let found = filter {
      $0.rank < ($0.way == .nearest ? keys.neighbours : keys.perCluster)
        && sources[$0.example] != nil
    }
    var best: [Int: [Int: Double]] = [:]
    for origin in found {
      let source = sources[origin.example]!
      best[source, default: [:]][origin.image] = Swift.max(
        best[source]?[origin.image] ?? -2, origin.score)
    }
    let kept = best.mapValues { scores in
      Set(
        scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(keys.most).map(\.key))
    }
    return found.filter { kept[sources[$0.example]!]!.contains($0.image) }
  }
}

extension Catalogue {
  /// Replaces what examples bring in.
  ///
  /// - Parameter chosen: those that the plan brings in.
  func put(
    _ origins: [RetrievalOrigin], chosen: [RetrievalOrigin]
  ) throws(CatalogueError) {
    try database.run("DELETE FROM origins")
    let put = try database.prepare("INSERT INTO origins VALUES(?, ?, ?, ?, ?, ?)")
    let kept = Set(chosen.map { [$0.image, $0.example, $0.rank] })
    for origin in origins {
      put.bind(origin.image, at: 0)
      put.bind(origin.example, at: 1)
      put.bind(origin.score, at: 2)
      put.bind(origin.way.rawValue, at: 3)
      put.bind(origin.rank, at: 4)
      put.bind(kept.contains([origin.image, origin.example, origin.rank]) ? 1 : 0, at: 5)
      try put.run()
    }
  }

  /// Returns what the examples brought in, by example, the likest first.
  package func origins() throws(CatalogueError) -> [RetrievalOrigin] {
    try origins("WHERE chosen = 1")
  }

  /// Returns also what they would bring in if the plan wanted more.
  func candidates() throws(CatalogueError) -> [RetrievalOrigin] { try origins("") }

  private func origins(_ rest: String) throws(CatalogueError) -> [RetrievalOrigin] {
    let find = try database.prepare(
      "SELECT image, example, score, way, rank FROM origins \(rest) "
        + "ORDER BY example, score DESC, image")
    var origins: [RetrievalOrigin] = []
    while try find.step() {
      origins.append(
        RetrievalOrigin(
          image: find.integer(0), example: find.integer(1), score: find.double(2),
          way: RetrievalOrigin.Way(rawValue: find.text(3)) ?? .nearest, rank: find.integer(4)))
    }
    return origins
  }
}
