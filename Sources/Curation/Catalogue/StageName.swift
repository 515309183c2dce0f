/// The stages of a curation, in their order. Each has a group of keys in a plan.
package enum StageName: String, CaseIterable, Sendable, Comparable {
  /// Fetches the images of pages and lists of addresses.
  case crawl
  /// Lists the images of all sources.
  case index
  /// Decodes each image once: checksum, thumbnail, and what the rules ask for.
  case hash
  /// Drops pictures that are broken, small, blank or scored badly.
  case filter
  /// Finds keypoints of the images that are left.
  case keypoints
  /// Computes features of the images that are left.
  case embed
  /// Drops what is like examples of the unwanted.
  case probe
  /// Drops copies.
  case duplicates
  /// Drops what is like an evaluation set.
  case decontaminate
  /// Keeps what is like examples.
  case retrieve
  /// Draws evenly from clusters.
  case balance
  /// Writes the result.
  case apply

  /// What it does, for people.
  package var meaning: String {
    switch self {
    case .crawl: "fetches the images of pages and lists of addresses"
    case .index: "lists the images"
    case .hash: "decodes each image: checksum, thumbnail, measures"
    case .filter: "drops broken, small, blank and badly scored pictures"
    case .keypoints: "finds keypoints, by which parts of pictures are compared"
    case .embed: "computes features"
    case .probe: "drops what is like examples of the unwanted"
    case .duplicates: "drops copies"
    case .decontaminate: "drops what is like an evaluation set"
    case .retrieve: "keeps what is like examples"
    case .balance: "draws evenly from clusters"
    case .apply: "writes the result"
    }
  }

  package static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }

  /// The stages before this one, the first first.
  var before: [StageName] { Self.allCases.filter { $0 < self } }
  /// The stages after this one.
  var after: [StageName] { Self.allCases.filter { $0 > self } }
}
