import Neighbours

/// Pairs of images that are alike in any way.
enum LikePairs {
  /// How far below a threshold pairs are returned, so that they can be looked at.
  private static let below = 0.15

  /// Compares images with each other.
  ///
  /// - Parameter keys: how alike two copies are.
  static func of(
    _ images: [CatalogueImage], _ keys: CurationPlan.Duplicates, for stage: StageName,
    _ context: CurationContext
  ) throws -> [LikePair] {
    var all = sameBytes(images)
    func add(_ likeness: Likeness, _ pairs: [(a: Int, b: Int, score: Double)]) {
      all += pairs.map { LikePair(likeness, images[$0.a].id, images[$0.b].id, score: $0.score) }
    }
    add(
      .hash,
      try HashPairs(images, least: keys.correlation - below, for: stage, context).pairs)
    if keys.thumbnails {
      add(
        .thumbnails,
        try ThumbnailPairs(images, least: keys.thumbnailScore - below, for: stage, context).pairs)
    }
    if keys.parts {
      add(
        .parts, try PartPairs(images, least: keys.partsScore - below, for: stage, context).pairs)
    }
    guard keys.features else { return all }
    return all + (try likeFeatures(images, least: keys.threshold - below, stage, context))
  }

  private static func sameBytes(_ images: [CatalogueImage]) -> [LikePair] {
    var first: [[UInt8]: Int] = [:]
    return images.compactMap { image in
      guard let other = first[image.checksum] else {
        first[image.checksum] = image.id
        return nil
      }
      return LikePair(.bytes, other, image.id, score: 1)
    }
  }

  private static func likeFeatures(
    _ images: [CatalogueImage], least: Double, _ stage: StageName, _ context: CurationContext
  ) throws -> [LikePair] {
    guard let (images, vectors) = try context.featured(images), images.count > 1 else { return [] }
    return try context.neighbours(vectors, above: Float(least).nextDown, stage, "features").pairs
      .map {
        LikePair(.features, images[$0.first].id, images[$0.second].id, score: Double($0.score))
      }
  }
}
