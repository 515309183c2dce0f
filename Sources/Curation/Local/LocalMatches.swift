#if canImport(Glibc)
  import Glibc
#endif

/// Keypoints of two pictures that look alike, and the maps on which several of them agree.
struct LocalMatches {
  /// The largest ratio of the distances to the nearest and to the second nearest (Lowe 2004, section
  /// 7.1).
  private static let mostRatio: Float = 0.85
  /// The fewest matches that have to agree on a map.
  static let fewest = 3
  /// Maps that are returned at most.
  private static let mostMaps = 3
  /// How far a place may be from where a map puts it, as a share of the longest side of a picture.
  private static let tolerance: Float = 0.03

  /// The maps, the one with the most matches first.
  let alignments: [(alignment: Alignment, matches: Int)]

  init(_ a: LocalFeatures, _ b: LocalFeatures) {
    var matches = Self.matches(a, b)
    var found: [(alignment: Alignment, matches: Int)] = []
    while found.count < Self.mostMaps, matches.count >= Self.fewest {
      guard let best = Self.best(matches) else { break }
      found.append((Self.refined(best.inside) ?? best.alignment, best.inside.count))
      let used = Set(best.inside.map(\.number))
      matches = matches.filter { !used.contains($0.number) }
    }
    alignments = found
  }

  private struct Match {
    let number: Int
    let a: Keypoint
    let b: Keypoint
  }

  private static func matches(_ a: LocalFeatures, _ b: LocalFeatures) -> [Match] {
    var matches: [Match] = []
    var scores = [Float](repeating: 0, count: b.keypoints.count)
    for (number, point) in a.keypoints.enumerated() {
      compare(a, number, b, &scores)
      guard let place = scores.indices.max(by: { scores[$0] < scores[$1] }) else { break }
      let best = b.keypoints[place]
      // Two keypoints at one place are the same thing in two directions.
      var second: Float = -1
      for (other, score) in scores.enumerated()
      where score > second && !isSamePlace(b.keypoints[other], best) {
        second = score
      }
      guard 1 - scores[place] < mostRatio * mostRatio * (1 - second) else { continue }
      matches.append(Match(number: matches.count, a: point, b: best))
    }
    return matches
  }

  /// Computes the dot products of a descriptor with all of another picture.
  private static func compare(
    _ a: LocalFeatures, _ number: Int, _ b: LocalFeatures, _ scores: inout [Float]
  ) {
    let width = LocalFeatures.width
    a.descriptors.withUnsafeBytes { a in
      b.descriptors.withUnsafeBytes { b in
        let row = a.baseAddress! + 4 * number * width
        for other in scores.indices {
          let column = b.baseAddress! + 4 * other * width
          var sums = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
          for start in stride(from: 0, to: 4 * width, by: 64) {
            sums.0.addProduct(
              (row + start).loadUnaligned(as: SIMD8<Float>.self),
              (column + start).loadUnaligned(as: SIMD8<Float>.self))
            sums.1.addProduct(
              (row + start + 32).loadUnaligned(as: SIMD8<Float>.self),
              (column + start + 32).loadUnaligned(as: SIMD8<Float>.self))
          }
          scores[other] = (sums.0 + sums.1).sum()
        }
      }
    }
  }

  private static func isSamePlace(_ a: Keypoint, _ b: Keypoint) -> Bool {
    abs(a.x - b.x) + abs(a.y - b.y) < 3
  }

  /// Returns the similarity of a match on which the most matches agree, and these.
  private static func best(_ matches: [Match]) -> (alignment: Alignment, inside: [Match])? {
    let limit = tolerance * Float(LocalFeatures.longest)
    var best: (alignment: Alignment, inside: [Match])?
    for match in matches {
      let alignment = Alignment(from: match.a, to: match.b)
      let (ratio, turn) = (match.b.scale / match.a.scale, match.b.angle - match.a.angle)
      let inside = matches.filter { other in
        let place = alignment(other.a.x, other.a.y)
        let (dx, dy) = (place.x - other.b.x, place.y - other.b.y)
        let reach = limit * max(1, ratio)
        let change = other.b.scale / other.a.scale / ratio
        let turned = abs(remainder(other.b.angle - other.a.angle - turn, 2 * .pi))
        return dx * dx + dy * dy < reach * reach && (0.6...1.6).contains(change) && turned < 0.6
      }
      if distinct(inside) >= fewest, inside.count > best?.inside.count ?? 0 {
        best = (alignment, inside)
      }
    }
    return best
  }

  /// The number of different places among matches.
  private static func distinct(_ matches: [Match]) -> Int {
    var places: [Keypoint] = []
    for match in matches where !places.contains(where: { isSamePlace($0, match.a) }) {
      places.append(match.a)
    }
    return places.count
  }

  private static func refined(_ matches: [Match]) -> Alignment? {
    guard matches.count > 3 else { return nil }
    return Alignment(matches.map { (from: ($0.a.x, $0.a.y), to: ($0.b.x, $0.b.y)) })
  }
}
