import Neighbours

/// Pairs of images whose whitened thumbnails are much more alike than those of other pictures of their
/// kind: small shifts, tints, and changes of contrast.
package struct ThumbnailPairs {
  /// Pairs of images by their places in the list that was compared, and how much more alike they are.
  let pairs: [(a: Int, b: Int, score: Double)]

  /// Of fewer images it cannot be said which likeness is usual.
  package static let fewest = 1000
  private static let dimension = 128

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
    pairs = lists.pairs.compactMap { first, second, cosine in
      let score = Double(cosine - (usual[first] + usual[second]) / 2)
      return score >= least ? (first, second, score) : nil
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
