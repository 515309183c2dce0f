import Neighbours
import Support

/// Pairs of images of which a part of one is found in the other: several of their keypoints agree on
/// how one lies on the other, and there the two agree in their fine parts.
struct PartPairs {
  /// Pairs of images by their places in the list that was compared, and how well they agree.
  let pairs: [(a: Int, b: Int, score: Double)]

  /// The most keypoints of an image that are compared with those of all others.
  private static let mostPoints = 48
  /// The most keypoints that are compared, which bounds memory to some gigabytes.
  private static let mostVectors = 4_000_000
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
    let scores = try PairScores(stage: stage, context: context).of(
      candidates, images: { ($0.a, $0.b) }, load: { try file.record(of: images[$0].id) },
      score: { _, one, other in one.score(other) })
    pairs = zip(candidates, scores).compactMap { pair, score in
      score.flatMap { $0 >= least ? (pair.a, pair.b, $0) : nil }
    }
  }

  private static func candidates(
    _ images: [CatalogueImage], _ file: RecordFile<PictureParts>, _ stage: StageName,
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
      guard let parts = try file.record(of: image.id) else { continue }
      let count = min(most, parts.features.keypoints.count)
      vectors += parts.features.descriptors.prefix(count * LocalFeatures.width)
      owners += repeatElement(Int32(place), count: count)
    }
    guard owners.count > 1 else { return [] }
    let lists = try context.neighbours(
      Vectors(vectors, dimension: LocalFeatures.width), above: leastCosine, stage, "parts")
    return ranked(votes(lists, owners))
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
}
