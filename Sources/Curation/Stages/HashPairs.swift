import Neighbours
import Support

/// Pairs of images whose PCA hashes are near and whose thumbnails agree in their fine parts.
struct HashPairs {
  /// Pairs of images by their places in the list that was compared, and how well they agree.
  let pairs: [(a: Int, b: Int, score: Double)]

  /// A form of an image that is compared.
  private struct Entry {
    let image: Int
    let symmetry: SquareSymmetry
  }

  /// Compares images.
  ///
  /// - Parameter least: the least correlation of the pairs that are returned.
  init(
    _ images: [CatalogueImage], least: Double, for stage: StageName, _ context: CurationContext
  ) throws {
    let keys = context.plan.duplicates
    guard images.count > 1 else {
      pairs = []
      return
    }
    let hash = try Self.hash(images, context)
    let (entries, vectors) = try Self.entries(images, hash, stage, context)
    let lists = try context.neighbours(
      Vectors(vectors, dimension: hash.bits),
      // Half a bit less, so that rounding does not matter.
      above: Float(hash.cosine(distance: keys.distance) - 1 / Double(hash.bits)), stage, "hashes")
    var candidates: [(Entry, Entry)] = []
    for first in 0..<lists.count {
      for second in lists.indices(first) where first < second {
        let (one, other) = (entries[first], entries[Int(second)])
        if one.image != other.image { candidates.append((one, other)) }
      }
    }
    pairs = try Self.verified(candidates, images, least, stage, context)
  }

  /// The hash of a sample of the images, spread evenly.
  private static func hash(
    _ images: [CatalogueImage], _ context: CurationContext
  ) throws -> PCAHash {
    let keys = context.plan.duplicates
    let sample = try context.thumbnailSample(of: images)
    return try PCAHash(
      bits: min(keys.bits, sample.count), of: sample, kernels: context.makeKernels())
  }

  /// Returns all forms of all images, and their hashes one after the other.
  private static func entries(
    _ images: [CatalogueImage], _ hash: PCAHash, _ stage: StageName, _ context: CurationContext
  ) throws -> ([Entry], [Float]) {
    let isTurned = context.plan.duplicates.turned
    let found = try context.mapThumbnails(of: images, for: stage) { thumbnail in
      let picture = PCAHash.standardised(thumbnail.grey)
      let forms = isTurned ? CanonicalForms.of(picture) : [.identity]
      return forms.map { ($0, hash.vector($0(picture, side: Thumbnail.side))) }
    }
    var entries: [Entry] = []
    var vectors: [Float] = []
    for (image, forms) in found.enumerated() {
      for (symmetry, vector) in forms {
        entries.append(Entry(image: image, symmetry: symmetry))
        vectors += vector
      }
    }
    return (entries, vectors)
  }

  /// Returns the candidates that agree, each pair of images once with its best correlation.
  private static func verified(
    _ candidates: [(Entry, Entry)], _ images: [CatalogueImage], _ least: Double,
    _ stage: StageName, _ context: CurationContext
  ) throws -> [(a: Int, b: Int, score: Double)] {
    let scores = try PairScores(stage: stage, context: context).of(
      candidates, images: { ($0.0.image, $0.1.image) },
      load: { try context.thumbnail(of: images[$0].id).grey },
      score: { pair, one, other in
        FineCorrelation.of(
          FineCorrelation.fine(pair.0.symmetry(one, side: Thumbnail.side)),
          FineCorrelation.fine(pair.1.symmetry(other, side: Thumbnail.side)))
      })
    var best: [[Int]: Double] = [:]
    for ((one, other), score) in zip(candidates, scores) {
      guard let score, score >= least else { continue }
      let key = [min(one.image, other.image), max(one.image, other.image)]
      best[key] = max(best[key] ?? -1, score)
    }
    return best.map { (a: $0.key[0], b: $0.key[1], score: $0.value) }
      .sorted { ($0.a, $0.b) < ($1.a, $1.b) }
  }
}
