import SQL

/// A way in which two images are alike. The catalogue calls it a rule.
package enum Likeness: String, CaseIterable, Sendable {
  /// Equal files.
  case bytes
  /// Hashes that differ in few bits, and thumbnails that agree in their fine parts.
  case hash
  /// Thumbnails that are much more alike than those of other pictures of their kind.
  case thumbnails
  /// A part of one is found in the other.
  case parts
  /// The features of a network.
  case features

  /// The key of a plan that says how alike copies are at least; `nil` if there is nothing to say.
  package var threshold: (key: String, field: WritableKeyPath<CurationPlan.Duplicates, Double>)? {
    switch self {
    case .bytes: nil
    case .hash: ("hash_correlation", \.correlation)
    case .thumbnails: ("thumbnail_score", \.thumbnailScore)
    case .parts: ("parts_score", \.partsScore)
    case .features: ("threshold", \.threshold)
    }
  }
}

/// Two images that are alike by a rule.
package struct LikePair: Sendable, Equatable {
  package let rule: String
  /// The images, the smaller number first.
  package let a: Int
  package let b: Int
  package let score: Double

  /// A pair of images in any order.
  package init(_ likeness: Likeness, _ one: Int, _ other: Int, score: Double) {
    self.init(rule: likeness.rawValue, one, other, score: score)
  }

  init(rule: String, _ one: Int, _ other: Int, score: Double) {
    self.rule = rule
    (a, b) = (min(one, other), max(one, other))
    self.score = score
  }
}

extension Catalogue {
  /// Adds pairs of a stage.
  func add(_ pairs: [LikePair], of stage: StageName) throws(CatalogueError) {
    let put = try database.prepare("REPLACE INTO pairs VALUES(?, ?, ?, ?, ?)")
    for pair in pairs {
      put.bind(stage.rawValue, at: 0)
      put.bind(pair.rule, at: 1)
      put.bind(pair.a, at: 2)
      put.bind(pair.b, at: 3)
      put.bind(pair.score, at: 4)
      try put.run()
    }
  }

  /// Returns the pairs of a stage, the least alike first.
  package func pairs(of stage: StageName) throws(CatalogueError) -> [LikePair] {
    let find = try database.prepare(
      "SELECT rule, a, b, score FROM pairs WHERE stage = ? ORDER BY score, a, b")
    find.bind(stage.rawValue, at: 0)
    var pairs: [LikePair] = []
    while try find.step() {
      pairs.append(
        LikePair(rule: find.text(0), find.integer(1), find.integer(2), score: find.double(3)))
    }
    return pairs
  }
}

extension LikePair {
  /// Whether the two are alike enough to count as copies.
  package func isLink(_ keys: CurationPlan.Duplicates) -> Bool {
    guard let threshold = Likeness(rawValue: rule)?.threshold else { return true }
    return score >= keys[keyPath: threshold.field]
  }
}
