/// Which of the vectors are kept if of those that are copies of each other one is kept.
package struct Copies: Sendable, Equatable {
  /// What is dropped because of a vector that is kept.
  package enum Rule: Sendable {
    /// All of its connected component, as in DINOv2.
    case chain
    /// Only what is above the threshold to it. Of the others of its component the first is kept
    /// too, and so on.
    case star
  }

  /// For each vector, the one that is kept in its place: itself, if it is kept.
  package let keepers: [UInt32]
  /// The score of each vector with the one that is kept in its place; 1 for those that are kept.
  package let scores: [Float]

  /// The vectors that are kept, in ascending order.
  package var kept: [Int] { keepers.indices.filter { keepers[$0] == $0 } }

  /// Decides by a graph of the vectors.
  ///
  /// - Parameters:
  ///   - graph: the neighbours of each vector above the threshold or a lower one.
  ///   - isBetter: whether the first vector is rather kept than the second. If neither is better,
  ///     the smaller index is kept.
  package init(
    _ vectors: Vectors, _ graph: NeighbourLists, above threshold: Float, rule: Rule,
    isBetter: (Int, Int) -> Bool
  ) {
    precondition(graph.count == vectors.count)
    var decision = Decision(vectors: vectors, graph: graph, threshold: threshold, rule: rule)
    var sets = DisjointSet(graph, above: threshold)
    for component in sets.components() {
      let order = component.sorted { one, other in
        if isBetter(one, other) { return true }
        return !isBetter(other, one) && one < other
      }
      switch rule {
      case .chain: decision.keepFirst(of: order)
      case .star: decision.keepUncovered(of: order)
      }
    }
    keepers = decision.keepers
    scores = decision.scores
  }

  /// Decides as above; the vector with the larger priority is rather kept.
  package init(
    _ vectors: Vectors, _ graph: NeighbourLists, above threshold: Float, rule: Rule,
    priorities: [Double]
  ) {
    self.init(vectors, graph, above: threshold, rule: rule) { priorities[$0] > priorities[$1] }
  }
}

/// What was decided so far.
private struct Decision {
  let vectors: Vectors
  let graph: NeighbourLists
  let threshold: Float
  private(set) var keepers: [UInt32]
  private(set) var scores: [Float]
  /// Pairs that only the other vector's list has, by the vector: its own list is full. For stars.
  private var elsewhere: [Int: [(index: Int, score: Float)]] = [:]

  init(vectors: Vectors, graph: NeighbourLists, threshold: Float, rule: Copies.Rule) {
    self.vectors = vectors
    self.graph = graph
    self.threshold = threshold
    keepers = (0..<UInt32(vectors.count)).map { $0 }
    scores = Array(repeating: 1, count: vectors.count)
    guard rule == .star else { return }
    for vector in 0..<graph.count {
      let scores = graph.scores(vector)
      for (place, index) in graph.indices(vector).enumerated() where graph.isFull(Int(index)) {
        let (other, score) = (Int(index), scores[place])
        let weakest = (index: Int(graph.indices(other).last!), score: graph.scores(other).last!)
        if weakest.score > score || (weakest.score == score && weakest.index < vector) {
          elsewhere[other, default: []].append((vector, score))
        }
      }
    }
  }

  private mutating func drop(_ vector: Int, for keeper: Int, _ score: Float) {
    keepers[vector] = UInt32(keeper)
    scores[vector] = score
  }

  mutating func keepFirst(of order: [Int]) {
    for vector in order.dropFirst() {
      drop(vector, for: order[0], vectors.score(order[0], vector))
    }
  }

  /// Goes through a component, the best first: a vector is dropped if it is above the threshold to
  /// one that is kept, and because of the most similar of these.
  mutating func keepUncovered(of order: [Int]) {
    var kept: Set<Int> = []
    // A pair is in neither list only if both are full.
    var full: [Int] = []
    for vector in order {
      var best: (index: Int, score: Float)?
      func consider(_ index: Int, _ score: Float) {
        guard score > threshold, kept.contains(index) else { return }
        if let found = best {
          guard score > found.score || (score == found.score && index < found.index) else {
            return
          }
        }
        best = (index, score)
      }
      let scores = graph.scores(vector)
      for (place, index) in graph.indices(vector).enumerated() {
        consider(Int(index), scores[place])
      }
      for pair in elsewhere[vector] ?? [] { consider(pair.index, pair.score) }
      let isFull = graph.isFull(vector)
      if isFull && best == nil {
        for other in full { consider(other, vectors.score(vector, other)) }
      }
      if let best {
        drop(vector, for: best.index, best.score)
      } else {
        kept.insert(vector)
        if isFull { full.append(vector) }
      }
    }
  }
}
