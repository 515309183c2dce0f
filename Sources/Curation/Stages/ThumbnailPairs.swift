import Neighbours

/// Pairs of images whose whitened thumbnails are more alike than those of other pictures of their kind,
/// and which agree once one is laid on the other: small shifts, tints, and changes of contrast or scale.
package struct ThumbnailPairs {
  /// Pairs of images by their places in the list that was compared, and how well they agree.
  let pairs: [(a: Int, b: Int, score: Double)]

  /// Of fewer images it cannot be said which likeness is usual.
  package static let fewest = 1000
  private static let dimension = 128
  /// How much more alike than usual the whitened thumbnails of a pair are that is looked at.
  private static let leastLikeness = 0.1
  /// How many of the farther neighbours tell how well pictures of a kind agree when they are laid on each other.
  private static let kindSample = 4
  /// The part of it that is taken from a pair's score, so that pictures with a common ground are no copies. Measured on
  /// CIFAR-10 at a precision of 90 %: this finds 84 % of the copies, none of it 78, a half 82, all of it 79.
  private static let kindWeight = 0.3

  /// Compares images.
  ///
  /// - Parameter least: the least score of the pairs that are returned.
  init(
    _ images: [CatalogueImage], least: Double, for stage: StageName, _ context: CurationContext
  ) throws {
    guard images.count >= Self.fewest else {
      pairs = []
      return
    }
    let vectors = try Self.vectors(images, stage, context)
    // Scores are below the cosine by what is usual, which is seldom negative.
    let lists = try context.neighbours(vectors, above: -1, stage, "thumbnails")
    let usual = (0..<images.count).map { Self.usual(lists.scores($0)) }
    let candidates = lists.pairs.compactMap { first, second, cosine in
      let likeness = Double(cosine - (usual[first] + usual[second]) / 2)
      return likeness >= Self.leastLikeness ? (a: first, b: second, likeness: likeness) : nil
    }
    let kind = try Self.ofKind(Set(candidates.flatMap { [$0.a, $0.b] }), lists) { pairs in
      try Self.registered(pairs, images, stage, context)
    }
    let scores = try Self.registered(candidates.map { ($0.a, $0.b) }, images, stage, context)
    pairs = zip(candidates, scores).compactMap { pair, registered in
      let usual = (kind[pair.a, default: 0] + kind[pair.b, default: 0]) / 2
      let score = (registered - Self.kindWeight * usual + pair.likeness) / 2
      return score >= least ? (pair.a, pair.b, score) : nil
    }
  }

  /// How alike pairs are, laid on each other.
  private static func registered(
    _ pairs: [(a: Int, b: Int)], _ images: [CatalogueImage], _ stage: StageName,
    _ context: CurationContext
  ) throws -> [Double] {
    try PairScores(stage: stage, context: context).of(
      pairs, images: { ($0.a, $0.b) },
      load: { ThumbnailRegistration(try context.thumbnail(of: images[$0].id)) },
      score: { $1.likeness(to: $2) }
    ).map { $0 ?? 0 }
  }

  /// How alike each image is to some of the farther half of its neighbours, laid on each other.
  private static func ofKind(
    _ images: Set<Int>, _ lists: NeighbourLists,
    _ registered: ([(a: Int, b: Int)]) throws -> [Double]
  ) rethrows -> [Int: Double] {
    let pairs = images.sorted().flatMap { image in
      let neighbours = Array(lists.indices(image))
      let far = neighbours.suffix((neighbours.count + 1) / 2)
      let count = min(kindSample, far.count)
      return (0..<count).map { (a: image, b: Int(far[far.startIndex + $0 * far.count / count])) }
    }
    return Dictionary(grouping: zip(pairs, try registered(pairs)), by: \.0.a).mapValues { found in
      found.reduce(0) { $0 + $1.1 } / Double(found.count)
    }
  }

  /// How alike a picture is to others of its kind: the mean cosine of the farther half of its nearest
  /// neighbours. The nearer half may be its copies.
  private static func usual(_ scores: some RandomAccessCollection<Float>) -> Float {
    let far = scores.suffix((scores.count + 1) / 2)
    return far.isEmpty ? 0 : far.reduce(0, +) / Float(far.count)
  }

  private static func vectors(
    _ images: [CatalogueImage], _ stage: StageName, _ context: CurationContext
  ) throws -> Vectors {
    let whitening = try WhitenedThumbnails(
      dimension: dimension, of: context.thumbnailSample(of: images),
      kernels: context.makeKernels())
    let vectors = try context.mapThumbnails(of: images, for: stage, whitening.vector)
    return try Vectors(vectors.flatMap(\.self), dimension: dimension)
  }
}
