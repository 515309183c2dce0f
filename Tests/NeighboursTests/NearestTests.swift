import Kernels
import KernelsCPU
import Neighbours
import Tensor
import Testing

@Suite("Nearest vectors of a base")
struct NearestTests {
  private func naive(
    _ queries: Vectors, _ base: Vectors, _ k: Int, above threshold: Float
  ) -> [[Neighbour]] {
    // Scores of pairs are taken from one set of vectors that has both.
    let both = try! Vectors(
      queries.gathered(Array(0..<queries.count)) + base.gathered(Array(0..<base.count)),
      dimension: base.dimension)
    return (0..<queries.count).map { query in
      let all = (0..<base.count).map {
        Neighbour(index: $0, score: both.score(query, queries.count + $0))
      }
      return Array(
        all.filter { $0.score > threshold }.sorted(by: Neighbour.isBefore).prefix(k))
    }
  }

  @Test("the nearest are those of a plain loop, in any precision", arguments: Precision.allCases)
  func nearest(_ precision: Precision) throws {
    for (count, size, dimension) in [(1, 1, 4), (3, 900, 384), (300, 40, 20), (500, 1300, 65)] {
      let (queries, base) = (
        try clusteredVectors(count, dimension, seed: 1), try clusteredVectors(size, dimension)
      )
      for (k, threshold) in [(1, -Float.infinity), (1, 0.2), (10, -.infinity), (200, 0.1)] {
        let lists = try withSearch(precision) {
          try $0.nearest(queries, in: base, k: k, above: threshold)
        }
        #expect(lists.all == naive(queries, base, k, above: threshold))
      }
    }
  }

  @Test("of equally near ones the first is the best, wherever they lie", arguments: [1, 4])
  func ties(k: Int) throws {
    let (queries, base) = (try coarseVectors(50, 4, seed: 1), try coarseVectors(3000, 4))
    let lists = try withSearch { try $0.nearest(queries, in: base, k: k) }
    #expect(lists.all == naive(queries, base, k, above: -.infinity))
  }

  @Test("the same bits for 1, 2 and 3 threads")
  func threads() throws {
    let (queries, base) = (try clusteredVectors(400, 30, seed: 1), try clusteredVectors(2000, 30))
    for k in [1, 20] {
      let found = try (1...3).map { threads in
        try withSearch(threads: threads) { try $0.nearest(queries, in: base, k: k).all }
      }
      #expect(found[1] == found[0] && found[2] == found[0])
    }
  }

  @Test("k beyond the base finds all of it, and an empty base nothing")
  func small() throws {
    let (queries, base) = (try clusteredVectors(5, 6, seed: 1), try clusteredVectors(4, 6))
    let all = try withSearch { try $0.nearest(queries, in: base, k: 9) }
    #expect(all.all.allSatisfy { $0.count == 4 })
    let none = try withSearch { try $0.nearest(queries, in: Vectors([], dimension: 6), k: 9) }
    #expect(none.count == 5 && none.total == 0)
  }

  @Test("zero vectors have a nearest too: the first of the base")
  func zeros() throws {
    let zeros = try Vectors([Float](repeating: 0, count: 40), dimension: 4)
    let best = try withSearch { try $0.nearest(zeros, in: zeros, k: 1).all }
    #expect(best.allSatisfy { $0 == [Neighbour(index: 0, score: 0)] })
  }

  @Test("vectors of different dimensions are refused")
  func dimensions() throws {
    let (one, other) = (try clusteredVectors(5, 6), try clusteredVectors(4, 7))
    withSearch { search in
      _ = #expect(throws: NeighbourError.dimensions(6, 7)) {
        try search.nearest(one, in: other, k: 1)
      }
    }
  }
}

@Suite("Vectors that are refused")
struct VectorsTests {
  @Test(
    "a vector that is not finite is refused and named",
    arguments: [
      Float.nan, .infinity, -.infinity, 1e30,
    ])
  func notFinite(_ value: Float) {
    for place in [6, 11] {
      var elements = [Float](repeating: 0.5, count: 20)
      elements[place] = value
      #expect(throws: NeighbourError.notFinite(vector: place / 4)) {
        try Vectors(elements, dimension: 4)
      }
      #expect(throws: NeighbourError.notFinite(vector: place / 4)) {
        try elements.withUnsafeBufferPointer { try Vectors(borrowing: $0, dimension: 4) }
      }
    }
  }

  @Test("elements that are no whole vectors are refused", arguments: [0, 3, -2])
  func notWhole(_ dimension: Int) {
    #expect(throws: NeighbourError.notWhole(elements: 8, dimension: dimension)) {
      try Vectors([Float](repeating: 1, count: 8), dimension: dimension)
    }
  }

  @Test("every error is one line with a remedy")
  func errors() {
    let errors: [NeighbourError] = [
      .notFinite(vector: 3), .notWhole(elements: 5, dimension: 2), .dimensions(1, 2),
      .tooFew(have: 1, asked: 2), .cancelled,
    ]
    for error in errors {
      #expect(error.description.contains("; ") && !error.description.contains("\n"))
    }
  }
}
