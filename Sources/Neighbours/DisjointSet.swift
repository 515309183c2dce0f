/// Sets of 0 ..< count that are joined step by step: union by size, path halving.
package struct DisjointSet {
  private var parents: [UInt32]
  private var sizes: [UInt32]

  /// Each element in a set of its own.
  package init(count: Int) {
    parents = (0..<UInt32(count)).map { $0 }
    sizes = Array(repeating: 1, count: count)
  }

  /// Returns the element that stands for the set of `element`.
  package mutating func root(_ element: Int) -> Int {
    var place = UInt32(element)
    while parents[Int(place)] != place {
      parents[Int(place)] = parents[Int(parents[Int(place)])]
      place = parents[Int(place)]
    }
    return Int(place)
  }

  /// Joins the sets of two elements.
  package mutating func join(_ one: Int, _ other: Int) {
    var (large, small) = (root(one), root(other))
    guard large != small else { return }
    if sizes[large] < sizes[small] { swap(&large, &small) }
    parents[small] = UInt32(large)
    sizes[large] += sizes[small]
  }

  /// Returns the number of elements in the set of `element`.
  package mutating func size(_ element: Int) -> Int { Int(sizes[root(element)]) }

  /// Returns the sets with more than one element. Elements ascend, and so do the sets by their
  /// first element.
  package mutating func components() -> [[Int]] {
    var places: [Int: Int] = [:]
    var components: [[Int]] = []
    for element in parents.indices {
      let root = root(element)
      guard sizes[root] > 1 else { continue }
      if let place = places[root] {
        components[place].append(element)
      } else {
        places[root] = components.count
        components.append([element])
      }
    }
    return components
  }
}

extension DisjointSet {
  /// The connected components of the pairs whose score is above the threshold.
  package init(_ graph: NeighbourLists, above threshold: Float) {
    self.init(count: graph.count)
    for vector in 0..<graph.count {
      let scores = graph.scores(vector)
      for (place, index) in graph.indices(vector).enumerated() where scores[place] > threshold {
        join(vector, Int(index))
      }
    }
  }
}
