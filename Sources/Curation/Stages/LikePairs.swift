import Neighbours

/// Pairs of images that are alike by their bytes, their hashes, parts of them, or their features.
enum LikePairs {
  /// How far below a threshold pairs are returned, so that they can be looked at.
  private static let belowCorrelation = 0.15
  private static let belowThreshold = 0.15

  /// Compares images with each other.
  ///
  /// - Parameter threshold: the least cosine of the features of two that are alike.
  static func of(
    _ images: [CatalogueImage], threshold: Double, for stage: StageName,
    _ context: CurationContext
  ) throws -> [LikePair] {
    try sameBytes(images) + likeHashes(images, stage, context)
      + likeParts(images, stage, context) + likeFeatures(images, threshold, stage, context)
  }

  private static func sameBytes(_ images: [CatalogueImage]) -> [LikePair] {
    var first: [[UInt8]: Int] = [:]
    return images.compactMap { image in
      guard let other = first[image.checksum] else {
        first[image.checksum] = image.id
        return nil
      }
      return LikePair("bytes", other, image.id, score: 1)
    }
  }

  private static func likeHashes(
    _ images: [CatalogueImage], _ stage: StageName, _ context: CurationContext
  ) throws -> [LikePair] {
    let least = context.plan.duplicates.correlation - belowCorrelation
    return try HashPairs(images, least: least, for: stage, context).pairs.map {
      LikePair("hash", images[$0.a].id, images[$0.b].id, score: $0.correlation)
    }
  }

  private static func likeParts(
    _ images: [CatalogueImage], _ stage: StageName, _ context: CurationContext
  ) throws -> [LikePair] {
    guard context.plan.duplicates.parts else { return [] }
    let least = context.plan.duplicates.partsScore - belowCorrelation
    return try PartPairs(images, least: least, for: stage, context).pairs.map {
      LikePair("parts", images[$0.a].id, images[$0.b].id, score: $0.score)
    }
  }

  private static func likeFeatures(
    _ images: [CatalogueImage], _ threshold: Double, _ stage: StageName,
    _ context: CurationContext
  ) throws -> [LikePair] {
    guard let (images, vectors) = try context.featured(images), images.count > 1 else { return [] }
    let lists = try context.neighbours(
      vectors, above: Float(threshold - belowThreshold).nextDown, stage, "features")
    // A list that is full may lack a pair that the other's list has.
    var pairs: [LikePair] = []
    for first in 0..<lists.count {
      for (second, score) in zip(lists.indices(first), lists.scores(first)) {
        let isInBoth = lists.indices(Int(second)).contains(UInt32(first))
        if isInBoth && second < first { continue }
        pairs.append(
          LikePair("features", images[first].id, images[Int(second)].id, score: Double(score)))
      }
    }
    return pairs
  }
}

extension LikePair {
  /// Whether the pair is alike enough to count.
  ///
  /// - Parameter threshold: the least cosine of features.
  package func isLink(_ keys: CurationPlan.Duplicates, threshold: Double) -> Bool {
    switch rule {
    case "hash": score >= keys.correlation
    case "parts": score >= keys.partsScore
    case "features": score >= threshold
    default: true
    }
  }
}
