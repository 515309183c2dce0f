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

extension LikePair {
  /// Whether the two are alike enough to count as copies.
  package func isLink(_ keys: CurationPlan.Duplicates) -> Bool {
    guard let threshold = Likeness(rawValue: rule)?.threshold else { return true }
    return score >= keys[keyPath: threshold.field]
  }
}
