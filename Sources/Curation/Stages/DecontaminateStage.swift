import Neighbours
import Support

/// Drops what is like an evaluation set, with its whole connected component (section A.3 of the paper).
enum DecontaminateStage: Stage {
  static let name = StageName.decontaminate

  static func isWanted(_ plan: CurationPlan) -> Bool { !plan.decontaminate.sets.isEmpty }

  static func extraInputs(_ context: CurationContext) throws -> String {
    try context.catalogue.fingerprint(.evaluation)
  }

  static func run(_ context: CurationContext) throws -> String {
    let pool = try context.catalogue.images(keptAfter: .duplicates)
    let references = try context.catalogue.images(.evaluation)
    var keys = context.plan.duplicates
    keys.threshold = context.plan.decontaminate.threshold
    let pairs = try LikePairs.of(pool + references, keys, for: name, context)
    let links = pairs.filter { $0.isLink(keys) }
    let verdicts = verdicts(pool, references, links)
    let ids = Set(references.map(\.id))
    // Pairs of two references say nothing about the pool.
    let shown = pairs.filter { !ids.contains($0.a) || !ids.contains($0.b) }
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.add(shown, of: name)
      try context.catalogue.add(verdicts)
    }
    return "\(Format.count(pool.count - verdicts.count, "image")) kept, "
      + "\(Format.count(verdicts.count)) like one of \(Format.count(references.count, "reference"))"
  }

  /// Returns a verdict on each image whose component has a reference. `other` is the likest
  /// reference, or the likest image if the image is like none itself.
  private static func verdicts(
    _ pool: [CatalogueImage], _ references: [CatalogueImage], _ links: [LikePair]
  ) -> [Verdict] {
    let all = pool + references
    let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.id, $0) })
    var sets = DisjointSet(count: all.count)
    var best: [Int: (isReference: Bool, pair: LikePair, other: Int)] = [:]
    func consider(_ place: Int, _ other: Int, _ pair: LikePair) {
      let isReference = other >= pool.count
      if let known = best[place],
        (known.isReference, known.pair.score) >= (isReference, pair.score)
      {
        return
      }
      best[place] = (isReference, pair, all[other].id)
    }
    for pair in links {
      let (a, b) = (places[pair.a]!, places[pair.b]!)
      sets.join(a, b)
      consider(a, b, pair)
      consider(b, a, pair)
    }
    let contaminated = Set((pool.count..<all.count).map { sets.root($0) })
    return pool.indices.compactMap { place in
      guard contaminated.contains(sets.root(place)), let found = best[place] else { return nil }
      return Verdict(
        image: pool[place].id, stage: name, rule: found.pair.rule, score: found.pair.score,
        other: found.other)
    }
  }
}

private func >= (a: (Bool, Double), b: (Bool, Double)) -> Bool {
  a.0 == b.0 ? a.1 >= b.1 : a.0
}
