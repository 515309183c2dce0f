import Neighbours
import Support
import Synchronization

/// Pairs of images whose PCA hashes are near and whose thumbnails agree in their fine parts.
struct HashPairs {
  /// Pairs of images by their places in the list that was compared, and how well they agree.
  let pairs: [(a: Int, b: Int, correlation: Double)]

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
    let lists = try context.search().graph(
      Vectors(vectors, dimension: hash.bits),
      // Half a bit less, so that rounding does not matter.
      above: Float(hash.cosine(distance: keys.distance) - 1 / Double(hash.bits)),
      k: keys.neighbours, progress: context.progress(stage, "hashes"))
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
    let count = min(keys.sample, images.count)
    let sample = try (0..<count).map {
      try context.thumbnails.thumbnail(of: images[$0 * images.count / count].id)
    }
    return try PCAHash(
      bits: min(keys.bits, count), of: sample, kernels: context.makeKernels())
  }

  /// Returns all forms of all images, and their hashes one after the other.
  private static func entries(
    _ images: [CatalogueImage], _ hash: PCAHash, _ stage: StageName, _ context: CurationContext
  ) throws -> ([Entry], [Float]) {
    context.observer.began(stage, what: "thumbnails", total: images.count)
    let isTurned = context.plan.duplicates.turned
    var entries: [Entry] = []
    var vectors: [Float] = []
    let batch = 4096
    for start in stride(from: 0, to: images.count, by: batch) {
      try context.check()
      let part = start..<min(start + batch, images.count)
      let thumbnails = try part.map { try context.thumbnails.thumbnail(of: images[$0].id) }
      let results = Mutex([[(SquareSymmetry, [Float])]](repeating: [], count: part.count))
      context.workers.run(chunks: part.count) { number, _ in
        let picture = PCAHash.standardised(thumbnails[number].grey)
        let forms = isTurned ? CanonicalForms.of(picture) : [.identity]
        let found = forms.map { ($0, hash.vector($0(picture, side: Thumbnail.side))) }
        results.withLock { $0[number] = found }
      }
      for (image, forms) in zip(part, results.withLock({ $0 })) {
        for (symmetry, vector) in forms {
          entries.append(Entry(image: image, symmetry: symmetry))
          vectors += vector
        }
      }
      context.observer.advanced(to: part.upperBound)
    }
    return (entries, vectors)
  }

  /// Returns the candidates that agree, each pair of images once with its best correlation.
  private static func verified(
    _ candidates: [(Entry, Entry)], _ images: [CatalogueImage], _ least: Double,
    _ stage: StageName, _ context: CurationContext
  ) throws -> [(a: Int, b: Int, correlation: Double)] {
    context.observer.began(stage, what: "pairs", total: candidates.count)
    var best: [[Int]: Double] = [:]
    let batch = 4096
    for start in stride(from: 0, to: candidates.count, by: batch) {
      try context.check()
      let part = candidates[start..<min(start + batch, candidates.count)]
      let pictures = try part.map { pair in
        (
          try context.thumbnails.thumbnail(of: images[pair.0.image].id),
          try context.thumbnails.thumbnail(of: images[pair.1.image].id)
        )
      }
      let scores = Mutex([Double](repeating: 0, count: part.count))
      context.workers.run(chunks: part.count) { number, _ in
        let (one, other) = part[start + number]
        let score = FineCorrelation.of(
          FineCorrelation.fine(one.symmetry(pictures[number].0.grey, side: Thumbnail.side)),
          FineCorrelation.fine(other.symmetry(pictures[number].1.grey, side: Thumbnail.side)))
        scores.withLock { $0[number] = score }
      }
      for ((one, other), score) in zip(part, scores.withLock({ $0 })) where score >= least {
        let key = [min(one.image, other.image), max(one.image, other.image)]
        best[key] = max(best[key] ?? -1, score)
      }
      context.observer.advanced(to: start + part.count)
    }
    return best.map { (a: $0.key[0], b: $0.key[1], correlation: $0.value) }
      .sorted { ($0.a, $0.b) < ($1.a, $1.b) }
  }
}
