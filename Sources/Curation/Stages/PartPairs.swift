import Neighbours
import Support
import Synchronization

/// Pairs of images of which a part of one is found in the other: several of their keypoints agree on
/// how one lies on the other, and there the two agree in their fine parts.
struct PartPairs {
  /// Pairs of images by their places in the list that was compared, and how well they agree.
  let pairs: [(a: Int, b: Int, score: Double)]

  /// The most keypoints of an image that are compared with those of all others.
  private static let mostPoints = 48
  /// The most keypoints that are compared, which bounds memory to some gigabytes.
  private static let mostVectors = 4_000_000
  /// The most keypoints that are compared exactly; of more, inverted lists find most neighbours.
  private static let mostExact = 1_000_000
  /// The least cosine of the descriptors of two keypoints that may be the same.
  private static let leastCosine: Float = 0.94
  /// The most candidates of an image.
  private static let mostCandidates = 64

  /// Compares images.
  ///
  /// - Parameter least: the least score of the pairs that are returned.
  init(
    _ images: [CatalogueImage], least: Double, for stage: StageName, _ context: CurationContext
  ) throws {
    let file = try context.keypoints()
    let candidates = try Self.candidates(images, file, stage, context)
    pairs = try Self.verified(candidates, images, file, least, stage, context)
  }

  private static func candidates(
    _ images: [CatalogueImage], _ file: KeypointFile, _ stage: StageName,
    _ context: CurationContext
  ) throws -> [(a: Int, b: Int)] {
    context.observer.began(stage, what: "keypoints", total: images.count)
    let most = min(mostPoints, max(1, mostVectors / max(1, images.count)))
    var vectors: [Float] = []
    var owners: [Int32] = []
    for (place, image) in images.enumerated() {
      if place % 1024 == 0 {
        try context.check()
        context.observer.advanced(to: place)
      }
      guard let parts = try file.parts(of: image.id) else { continue }
      let count = min(most, parts.features.keypoints.count)
      vectors += parts.features.descriptors.prefix(count * LocalFeatures.width)
      owners += repeatElement(Int32(place), count: count)
    }
    guard owners.count > 1 else { return [] }
    let lists = try neighbours(
      Vectors(vectors, dimension: LocalFeatures.width), stage, context)
    return ranked(votes(lists, owners))
  }

  private static func neighbours(
    _ vectors: Vectors, _ stage: StageName, _ context: CurationContext
  ) throws -> NeighbourLists {
    let search = context.search()
    let k = context.plan.duplicates.neighbours
    let progress = context.progress(stage, "parts")
    guard vectors.count > mostExact else {
      return try search.graph(vectors, above: leastCosine, k: k, progress: progress)
    }
    return try search.approximateGraph(
      vectors, above: leastCosine, k: k,
      by: InvertedLists(seed: UInt64(context.plan.pool.seed)),
      progress: progress
    ).lists
  }

  /// Counts the keypoints that two images share.
  private static func votes(_ lists: NeighbourLists, _ owners: [Int32]) -> [[Int32]: Int] {
    var votes: [[Int32]: Int] = [:]
    for point in 0..<lists.count {
      let owner = owners[point]
      // Of several keypoints of one image only one counts.
      for other in Set(lists.indices(point).map { owners[Int($0)] }) where other != owner {
        votes[[min(owner, other), max(owner, other)], default: 0] += 1
      }
    }
    return votes
  }

  /// Returns the pairs that share the most keypoints, at most so many for each image.
  private static func ranked(_ votes: [[Int32]: Int]) -> [(a: Int, b: Int)] {
    let order = votes.sorted {
      ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1])
    }
    var counts: [Int32: Int] = [:]
    var chosen: [(a: Int, b: Int)] = []
    for (pair, _) in order {
      guard pair.contains(where: { counts[$0, default: 0] < mostCandidates }) else { continue }
      for image in pair { counts[image, default: 0] += 1 }
      chosen.append((Int(pair[0]), Int(pair[1])))
    }
    // Those of one image one after the other, so that its parts are read once.
    return chosen.sorted { $0 < $1 }
  }

  private static func verified(
    _ candidates: [(a: Int, b: Int)], _ images: [CatalogueImage], _ file: KeypointFile,
    _ least: Double, _ stage: StageName, _ context: CurationContext
  ) throws -> [(a: Int, b: Int, score: Double)] {
    context.observer.began(stage, what: "pairs", total: candidates.count)
    var found: [(a: Int, b: Int, score: Double)] = []
    let batch = 4096
    for start in stride(from: 0, to: candidates.count, by: batch) {
      try context.check()
      let part = Array(candidates[start..<min(start + batch, candidates.count)])
      var parts: [Int: PictureParts] = [:]
      for place in Set(part.flatMap { [$0.a, $0.b] }) {
        parts[place] = try file.parts(of: images[place].id)
      }
      let scores = Mutex([Double](repeating: 0, count: part.count))
      context.workers.run(chunks: part.count) { [parts] number, _ in
        guard let a = parts[part[number].a], let b = parts[part[number].b] else { return }
        let score = a.score(b)
        scores.withLock { $0[number] = score }
      }
      for (pair, score) in zip(part, scores.withLock({ $0 })) where score >= least {
        found.append((pair.a, pair.b, score))
      }
      context.observer.advanced(to: start + part.count)
    }
    return found
  }
}
