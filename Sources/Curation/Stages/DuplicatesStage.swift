import Neighbours
import Support

/// Drops copies: links pairs of images by their bytes, their hashes and their features, and keeps one
/// image of each connected component (section A.3 of the paper).
enum DuplicatesStage: Stage {
  static let name = StageName.duplicates

  static func run(_ context: CurationContext) throws -> String {
    let images = try context.catalogue.images(keptAfter: .probe)
    let keys = context.plan.duplicates
    hint(images, keys, context)
    let pairs = try LikePairs.of(images, keys, for: name, context)
    let verdicts = CopyGroups(images, pairs.filter { $0.isLink(keys) }).verdicts(keys.link)
    warn(images.count, verdicts, context)
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.add(pairs, of: name)
      try context.catalogue.add(verdicts)
    }
    return "\(Format.count(images.count - verdicts.count, "image")) kept, "
      + (verdicts.count == 1 ? "1 copy" : "\(Format.count(verdicts.count)) copies") + " dropped"
  }

  /// Says so if hardly anything is left, which a threshold that is too low does: it joins chains of
  /// pictures that are merely of a kind.
  private static func warn(
    _ count: Int, _ verdicts: [Verdict], _ context: CurationContext
  ) {
    guard count >= 100, verdicts.count * 10 > count * 9 else { return }
    let rules = Dictionary(grouping: verdicts, by: \.rule).mapValues(\.count)
    let most = rules.max { ($0.value, $1.key) < ($1.value, $0.key) }!
    context.observer.noticed(
      "\(Format.count(verdicts.count)) of \(Format.count(count, "image")) are dropped as copies, most "
        + "by \(most.key); if they are none, raise its threshold (dinod curate sheet shows pairs)")
  }

  /// The side below which a picture has hardly any keypoints, in pixels.
  private static let smallSide = 64

  /// Says what finds more copies if most pictures are small.
  private static func hint(
    _ images: [CatalogueImage], _ keys: CurationPlan.Duplicates, _ context: CurationContext
  ) {
    let small = images.count { min($0.width, $0.height) < smallSide }
    guard !keys.thumbnails, images.count >= ThumbnailPairs.fewest, 2 * small > images.count else {
      return
    }
    context.observer.noticed(
      "most pictures are smaller than \(smallSide) pixels, in which parts are seldom found; "
        + "duplicates.thumbnails: true finds more copies among them")
  }
}

/// Connected components of copies.
package struct CopyGroups {
  private let images: [CatalogueImage]
  private let links: [LikePair]

  /// - Parameter links: pairs of these images.
  package init(_ images: [CatalogueImage], _ links: [LikePair]) {
    (self.images, self.links) = (images, links)
  }

  /// Returns a verdict on each image that is dropped.
  package func verdicts(_ link: ComponentLink) -> [Verdict] {
    let places = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1.id, $0) })
    var neighbours: [Int: [(place: Int, pair: LikePair)]] = [:]
    var sets = DisjointSet(count: images.count)
    for pair in links {
      let (a, b) = (places[pair.a]!, places[pair.b]!)
      neighbours[a, default: []].append((b, pair))
      neighbours[b, default: []].append((a, pair))
      sets.join(a, b)
    }
    let order = images.indices.sorted { Self.isBetter(images[$0], images[$1]) }
    // The best member of each component, by its root; with stars, of what no star covers.
    var verdicts: [Int: Verdict] = [:]
    var kept: [Int: Int] = [:]
    for place in order where neighbours[place] != nil && verdicts[place] == nil {
      switch link {
      case .star:
        for (other, pair) in neighbours[place]! where verdicts[other] == nil && kept[other] == nil {
          verdicts[other] = verdict(other, because: place, pair)
        }
        kept[place] = place
      case .chain:
        let root = sets.root(place)
        if let best = kept[root] {
          let pair =
            neighbours[place]!.first { $0.place == best } ?? neighbours[place]!.max {
              $0.pair.score < $1.pair.score
            }!
          verdicts[place] = verdict(place, because: best, pair.pair)
        } else {
          kept[root] = place
        }
      }
    }
    return verdicts.values.sorted { $0.image < $1.image }
  }

  private func verdict(_ place: Int, because kept: Int, _ pair: LikePair) -> Verdict {
    Verdict(
      image: images[place].id, stage: .duplicates, rule: pair.rule, score: pair.score,
      other: images[kept].id)
  }

  /// Whether the first image is rather kept: by resolution, then sharpness, then name.
  private static func isBetter(_ a: CatalogueImage, _ b: CatalogueImage) -> Bool {
    if a.pixels != b.pixels { return a.pixels > b.pixels }
    if a.sharpness != b.sharpness { return a.sharpness > b.sharpness }
    if a.source != b.source { return a.source < b.source }
    return FilePath.precedes(a.file, b.file)
  }
}
