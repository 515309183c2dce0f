import Tensor

/// Scores pairs of images by what is kept of them, on all workers, batch by batch.
struct PairScores {
  let stage: StageName
  let context: CurationContext

  /// Pairs whose images are in memory at a time.
  private static let batch = 4096

  /// Returns the score of each pair; `nil` if nothing is kept of one of its images.
  ///
  /// - Parameters:
  ///   - images: the places of a pair's images.
  ///   - load: reads what is kept of the image at a place; on the caller's thread.
  ///   - score: compares two; on any thread.
  func of<Pair, Content>(
    _ pairs: [Pair], images: (Pair) -> (Int, Int), load: (Int) throws -> Content?,
    score: (Pair, Content, Content) -> Double
  ) throws -> [Double?] {
    context.observer.began(stage, what: "pairs", total: pairs.count)
    var scores: [Double?] = []
    for start in stride(from: 0, to: pairs.count, by: Self.batch) {
      try context.check()
      let part = Array(pairs[start..<min(start + Self.batch, pairs.count)])
      var contents: [Int: Content] = [:]
      for place in Set(part.map(images).flatMap { [$0.0, $0.1] }) {
        contents[place] = try load(place)
      }
      scores += context.workers.map(part.count) { number in
        let (a, b) = images(part[number])
        guard let one = contents[a], let other = contents[b] else { return nil }
        return score(part[number], one, other)
      }
      context.observer.advanced(to: start + part.count)
    }
    return scores
  }
}
