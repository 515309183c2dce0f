import Neighbours
import Tensor
import Testing

@Suite("Hierarchical k-means and sampling")
struct SamplingTests {
  private func tree(_ vectors: Vectors, threads: Int = 2, resamplings: Int = 2) throws
    -> ClusterTree
  {
    try withSearch(threads: threads) {
      try ClusterTree(
        vectors,
        [
          .init(clusters: 60), .init(clusters: 12, resamplings: resamplings, nearest: 3),
          .init(clusters: 4, resamplings: resamplings, nearest: 2),
        ], iterations: 10, seed: 5, by: $0)
    }
  }

  @Test("each level groups the centroids of the level below")
  func levels() throws {
    let vectors = try clusteredVectors(900, 16)
    let tree = try tree(vectors)
    #expect(tree.levels.map(\.centroids.count) == [60, 12, 4])
    #expect(tree.levels.map(\.labels.count) == [900, 60, 12])
    for (place, level) in tree.levels.enumerated() {
      let items = place == 0 ? vectors : tree.levels[place - 1].centroids
      let nearest = try withSearch { try $0.nearest(items, in: level.centroids, k: 1).all }
      #expect(nearest.map { UInt32($0[0].index) } == level.labels)
    }
  }

  @Test("resampling spreads centroids more evenly than the vectors lie")
  func resampling() throws {
    // Nine of ten vectors are in one place, the rest in nine others.
    var random = CounterRandom(seed: 8, use: .test)
    var elements: [Float] = []
    for index in 0..<2000 {
      let place = index % 10 == 0 ? 1 + index / 10 % 9 : 0
      var vector = (0..<10).map { ($0 == place ? 1 : 0) + 0.1 * random.normal() }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for i in 0..<10 { vector[i] /= length }
      elements += vector
    }
    let vectors = try Vectors(elements, dimension: 10)
    let crowded = try [(0, 1), (6, 1000), (6, 3)].map { resamplings, nearest in
      let tree = try withSearch {
        try ClusterTree(
          vectors, [.init(clusters: 60, resamplings: resamplings, nearest: nearest)], by: $0)
      }
      let centroids = tree.levels[0].centroids
      return (0..<60).count { centroids.vector($0)[0] > 0.5 }
    }
    // Done again on all of them, k-means would leave the centroids where most vectors are.
    #expect(2 * crowded[2] < crowded[0] && 2 * crowded[2] < crowded[1], "\(crowded)")
  }

  @Test(
    "a sample has as many vectors as asked for, each once",
    arguments: [
      HierarchicalSampling.Choice.random, .nearest(.spherical),
    ])
  func target(_ choice: HierarchicalSampling.Choice) throws {
    let vectors = try clusteredVectors(900, 16)
    let tree = try tree(vectors)
    for target in [0, 1, 2, 3, 50, 449, 450, 899, 900] {
      let sample = try HierarchicalSampling(choice: choice, seed: 3).sample(
        target, of: vectors, tree)
      #expect(sample.count == target && sample == Set(sample).sorted())
      #expect(sample.allSatisfy { (0..<900).contains($0) })
    }
    #expect(throws: NeighbourError.tooFew(have: 900, asked: 901)) {
      try HierarchicalSampling(choice: choice).sample(901, of: vectors, tree)
    }
  }

  @Test("clusters of each level get equal parts, unless they have fewer")
  func balance() throws {
    let vectors = try clusteredVectors(900, 16)
    let tree = try tree(vectors)
    let sample = Set(try HierarchicalSampling(seed: 3).sample(100, of: vectors, tree))
    let labels = tree.levels.map(\.labels)
    let top = (0..<900).map { Int(labels[2][Int(labels[1][Int(labels[0][$0])])]) }
    let (sizes, taken) = (
      (0..<4).map { c in top.count { $0 == c } },
      (0..<4).map { c in sample.count { top[$0] == c } }
    )
    let most = taken.max()!
    for c in 0..<4 { #expect(taken[c] >= most - 1 || taken[c] == sizes[c]) }
  }

  @Test("the nearest of a cluster are taken if asked for")
  func nearest() throws {
    let vectors = try clusteredVectors(300, 16)
    let tree = try withSearch {
      try ClusterTree(vectors, [.init(clusters: 5)], kind: .euclidean, by: $0)
    }
    let sample = Set(
      try HierarchicalSampling(choice: .nearest(.euclidean)).sample(50, of: vectors, tree))
    let level = tree.levels[0]
    func distance(_ i: Int) -> Double {
      let centroid = level.centroids.vector(Int(level.labels[i]))
      return (0..<16).reduce(0) {
        let difference = Double(vectors.vector(i)[$1]) - Double(centroid[$1])
        return $0 + difference * difference
      }
    }
    for i in 0..<300 where sample.contains(i) {
      for j in 0..<300 where !sample.contains(j) && level.labels[i] == level.labels[j] {
        #expect(distance(i) <= distance(j) + 1e-6)
      }
    }
  }

  @Test("the seed decides what is drawn, the number of threads does not")
  func seeds() throws {
    let vectors = try clusteredVectors(900, 16)
    let trees = try (1...3).map { try tree(vectors, threads: $0) }
    #expect(trees[1].levels.map(\.labels) == trees[0].levels.map(\.labels))
    #expect(trees[2].levels.map(\.labels) == trees[0].levels.map(\.labels))
    let samples = try [1, 1, 2].map {
      try HierarchicalSampling(seed: $0).sample(200, of: vectors, trees[0])
    }
    #expect(samples[0] == samples[1] && samples[0] != samples[2])
  }

  @Test("progress of a tree rises to 1")
  func progress() throws {
    let vectors = try clusteredVectors(900, 5)
    var told: [Double] = []
    try withSearch { search in
      _ = try ClusterTree(
        vectors, [.init(clusters: 30, resamplings: 1, nearest: 5), .init(clusters: 5)],
        iterations: 4, by: search
      ) {
        told.append($0)
        return true
      }
    }
    #expect(told == told.sorted() && told.last == 1)
  }
}
