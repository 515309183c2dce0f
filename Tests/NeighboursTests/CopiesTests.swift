import Neighbours
import Tensor
import Testing

@Suite("Components and which copies are kept")
struct CopiesTests {
  @Test("sets are those of a naive labelling, whatever the order of the pairs")
  func disjointSets() {
    for seed in 0..<20 {
      var random = CounterRandom(seed: 3, use: .test, seed)
      let count = 1 + random.below(200)
      var sets = DisjointSet(count: count)
      var labels = Array(0..<count)
      for _ in 0..<random.below(count + 1) {
        let (one, other) = (random.below(count), random.below(count))
        sets.join(one, other)
        let (from, to) = (labels[one], labels[other])
        for i in labels.indices where labels[i] == from { labels[i] = to }
      }
      let groups = Dictionary(grouping: labels.indices, by: { labels[$0] }).values
      let wanted = groups.filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
      #expect(sets.components() == wanted)
      for i in labels.indices {
        #expect(sets.size(i) == labels.count { $0 == labels[i] })
        #expect((sets.root(i) == sets.root(0)) == (labels[i] == labels[0]))
      }
    }
  }

  /// Vectors on an arc, 20 degrees apart: each is near its neighbours only (cos 20° = 0.94).
  private func arc() throws -> Vectors {
    try Vectors(
      [1, 0, 0.9397, 0.342, 0.766, 0.6428, 0.5, 0.866, 0.1736, 0.9848, -1, 0], dimension: 2)
  }

  @Test("a chain goes as a whole, a star drops only what is near to the one kept")
  func rules() throws {
    let vectors = try arc()
    let graph = try withSearch { try $0.graph(vectors, above: 0.9) }
    let chain = Copies(vectors, graph, above: 0.9, rule: .chain, priorities: [0, 1, 2, 1, 0, 0])
    #expect(chain.keepers == [2, 2, 2, 2, 2, 5] && chain.kept == [2, 5])
    #expect(chain.scores[2] == 1 && chain.scores[5] == 1)
    #expect(abs(chain.scores[0] - 0.766) < 1e-3 && abs(chain.scores[4] - 0.766) < 1e-3)
    let star = Copies(vectors, graph, above: 0.9, rule: .star, priorities: [0, 1, 2, 1, 0, 0])
    #expect(star.keepers == [0, 2, 2, 2, 4, 5] && star.kept == [0, 2, 4, 5])
    let end = Copies(vectors, graph, above: 0.9, rule: .star) { $0 < $1 }
    #expect(end.keepers == [0, 0, 2, 2, 4, 5])
  }

  @Test("a higher threshold than the graph's leaves out the pairs below it")
  func threshold() throws {
    let vectors = try arc()
    let graph = try withSearch { try $0.graph(vectors, above: 0.5) }
    for rule in [Copies.Rule.chain, .star] {
      let copies = Copies(vectors, graph, above: 0.95, rule: rule, priorities: [0, 0, 0, 0, 0, 0])
      #expect(copies.kept == [0, 1, 2, 3, 4, 5])
    }
  }

  /// The better of a random ranking, with equal ranks.
  private func ranks(_ count: Int) -> [Double] {
    var random = CounterRandom(seed: 4, use: .test)
    return (0..<count).map { _ in Double(random.below(10)) }
  }

  @Test(
    "a star leaves no copies within a component, also if lists are too short for all pairs",
    arguments: [
      2, 6, 500,
    ])
  func star(k: Int) throws {
    let vectors = try clusteredVectors(500, 24)
    let (threshold, ranks) = (Float(0.55), ranks(500))
    let graph = try withSearch { try $0.graph(vectors, above: threshold, k: k) }
    let copies = Copies(vectors, graph, above: threshold, rule: .star, priorities: ranks)
    // No two that are kept are copies of each other within a component, and whatever is dropped is
    // near to the one that is kept for it, which is not worse.
    var sets = DisjointSet(graph, above: threshold)
    let kept = copies.kept
    #expect(kept.count < 400)
    for (place, one) in kept.enumerated() {
      for other in kept[(place + 1)...] where sets.root(one) == sets.root(other) {
        #expect(vectors.score(one, other) <= threshold)
      }
    }
    for (vector, keeper) in copies.keepers.enumerated() where Int(keeper) != vector {
      #expect(copies.keepers[Int(keeper)] == keeper)
      #expect(vectors.score(vector, Int(keeper)) > threshold)
      #expect(copies.scores[vector] == vectors.score(vector, Int(keeper)))
      let better = ranks[Int(keeper)] - ranks[vector]
      #expect(better > 0 || (better == 0 && Int(keeper) < vector))
    }
  }

  @Test("a chain keeps the best of each component")
  func chain() throws {
    let vectors = try clusteredVectors(500, 24)
    let ranks = ranks(500)
    let graph = try withSearch { try $0.graph(vectors, above: 0.55) }
    let copies = Copies(vectors, graph, above: 0.55, rule: .chain, priorities: ranks)
    var sets = DisjointSet(graph, above: 0.55)
    for vector in 0..<500 {
      let mine = (0..<500).filter { sets.root($0) == sets.root(vector) }
      let best = mine.min { ranks[$0] > ranks[$1] || (ranks[$0] == ranks[$1] && $0 < $1) }!
      #expect(Int(copies.keepers[vector]) == best)
      #expect(copies.scores[vector] == (best == vector ? 1 : vectors.score(best, vector)))
    }
  }
}
