import Kernels
import KernelsCPU
import Neighbours
import Tensor
import Testing

@Suite("Graph of neighbours")
struct GraphTests {
  @Test("a score is the dot product, and the same from both sides")
  func scores() throws {
    for dimension in [1, 5, 16, 31, 48, 384, 777] {
      let vectors = try clusteredVectors(30, dimension)
      for i in 0..<30 {
        for j in 0..<30 {
          let exact = exactDot(vectors.vector(i), vectors.vector(j), dimension)
          #expect(abs(Double(vectors.score(i, j)) - exact) < 1e-6)
          #expect(vectors.score(i, j) == vectors.score(j, i))
        }
      }
    }
  }

  @Test(
    "the graph is that of a plain loop over all pairs, in any precision",
    arguments: Precision.allCases)
  func naive(_ precision: Precision) throws {
    for (count, dimension) in [(1, 8), (2, 8), (90, 700), (700, 3), (1300, 37), (1100, 384)] {
      let vectors = try clusteredVectors(count, dimension)
      for (threshold, k) in [(Float(0.6), 64), (0.3, 5), (-0.2, 1)] {
        let graph = try withSearch(precision) {
          try $0.graph(vectors, above: threshold, k: k)
        }
        #expect(graph.all == naiveGraph(vectors, above: threshold, k: k))
      }
    }
  }

  @Test("blocks of rows meet without a gap, and equal scores are ordered by index")
  func blocks() throws {
    let vectors = try coarseVectors(8900, 6)
    let graph = try withSearch { try $0.graph(vectors, above: 0.75, k: 12) }
    let all = graph.all
    for i in stride(from: 0, to: vectors.count, by: 89) {
      let near = (0..<vectors.count).filter { $0 != i }
        .map { Neighbour(index: $0, score: vectors.score(i, $0)) }
        .filter { $0.score > 0.75 }.sorted(by: Neighbour.isBefore)
      #expect(all[i] == Array(near.prefix(12)))
    }
    #expect(all.contains { $0.count == 12 } && all.contains { $0.count < 12 })
  }

  @Test("the same bits for 1, 2 and 3 threads", arguments: Precision.allCases)
  func threads(_ precision: Precision) throws {
    let vectors = try clusteredVectors(1500, 50)
    let graphs = try (1...3).map { threads in
      try withSearch(precision, threads: threads) { search in
        try search.graph(vectors, above: 0.4, k: 9).all
      }
    }
    #expect(graphs[0].contains { !$0.isEmpty })
    #expect(graphs[1] == graphs[0] && graphs[2] == graphs[0])
  }

  @Test("a score that equals the threshold is not above it", arguments: Precision.allCases)
  func boundary(_ precision: Precision) throws {
    let vectors = try Vectors([1, 0, 0.5, 0.5, 0.5, -0.5, 1, 0.25], dimension: 2)
    let graph = try withSearch(precision) { try $0.graph(vectors, above: 0.5).all }
    // Scores: 0–1: 0.5, 0–2: 0.5, 0–3: 1, 1–2: 0, 1–3: 0.625, 2–3: 0.375.
    #expect(graph.map { $0.map(\.index) } == [[3], [3], [], [0, 1]])
    let lower = try withSearch(precision) { try $0.graph(vectors, above: Float(0.5).nextDown).all }
    #expect(lower.map { $0.map(\.index) } == [[3, 1, 2], [3, 0], [0], [0, 1]])
  }

  @Test("many equal vectors fill each other's lists with the smallest indices")
  func duplicates() throws {
    let vectors = try Vectors((0..<600).flatMap { _ in [Float(0.6), 0.8] }, dimension: 2)
    let graph = try withSearch { try $0.graph(vectors, above: 0.9, k: 3).all }
    #expect(graph[0].map(\.index) == [1, 2, 3])
    #expect(graph[2].map(\.index) == [0, 1, 3])
    #expect(graph[599].map(\.index) == [0, 1, 2])
  }

  @Test("zero vectors have no neighbours above 0")
  func zeros() throws {
    let vectors = try Vectors([Float](repeating: 0, count: 100 * 7), dimension: 7)
    let graph = try withSearch { try $0.graph(vectors, above: 0) }
    #expect(graph.total == 0 && graph.count == 100)
    let none = try withSearch { try $0.graph(Vectors([], dimension: 7), above: 0) }
    #expect(none.count == 0)
  }

  @Test("progress rises to 1, and a report that says stop ends the comparison")
  func progress() throws {
    let vectors = try clusteredVectors(1700, 10)
    var told: [Double] = []
    try withSearch { search in
      _ = try search.graph(vectors, above: 0.5) {
        told.append($0)
        return true
      }
    }
    #expect(told == told.sorted() && told.last == 1 && told.count > 3)
    var calls = 0
    withSearch { search in
      _ = #expect(throws: NeighbourError.cancelled) {
        try search.graph(vectors, above: 0.5) { _ in
          calls += 1
          return calls < 2
        }
      }
    }
    #expect(calls == 2)
  }
}
