import Neighbours
import Tensor
import Testing

@Suite("Graph by inverted lists")
struct InvertedListsTests {
  private let threshold: Float = 0.5

  @Test("the recall that is told is that of the vectors of the sample", arguments: [1, 3])
  func recall(probes: Int) throws {
    let vectors = try clusteredVectors(1500, 24)
    let exact = naiveGraph(vectors, above: threshold, k: 20)
    for sample in [200, 1500] {
      let found = try withSearch {
        try $0.approximateGraph(
          vectors, above: threshold, k: 20,
          by: InvertedLists(lists: 60, probes: probes, sample: sample))
      }
      #expect(found.sample.count == sample && found.sample == Set(found.sample).sorted())
      let lists = found.lists.all
      var (all, there) = (0, 0)
      for vector in found.sample {
        all += exact[vector].count
        there += exact[vector].count { lists[vector].contains($0) }
      }
      #expect(found.recall == Double(there) / Double(all))
      #expect(found.recall < 1 && found.recall > 0.3)
    }
  }

  @Test("what is found are true neighbours with their scores, each once")
  func sound() throws {
    let vectors = try clusteredVectors(1500, 24)
    let found = try withSearch {
      try $0.approximateGraph(
        vectors, above: threshold, k: 20, by: InvertedLists(lists: 60, probes: 3))
    }
    for (vector, list) in found.lists.all.enumerated() {
      #expect(Set(list.map(\.index)).count == list.count && list.count <= 20)
      for neighbour in list {
        #expect(neighbour.index != vector && neighbour.score > threshold)
        #expect(neighbour.score == vectors.score(vector, neighbour.index))
      }
    }
  }

  @Test("if every list is visited, the graph is the exact one")
  func all() throws {
    let vectors = try clusteredVectors(800, 24)
    let found = try withSearch {
      try $0.approximateGraph(
        vectors, above: threshold, k: 20, by: InvertedLists(lists: 12, probes: 12))
    }
    #expect(found.recall == 1)
    #expect(found.lists.all == naiveGraph(vectors, above: threshold, k: 20))
  }

  @Test("the same bits for 1, 2 and 3 threads")
  func threads() throws {
    let vectors = try clusteredVectors(1500, 24)
    let found = try (1...3).map { threads in
      try withSearch(threads: threads) { search in
        let graph = try search.approximateGraph(
          vectors, above: threshold, by: InvertedLists(probes: 2))
        return (graph.lists.all, graph.recall)
      }
    }
    #expect(found[1].0 == found[0].0 && found[2].0 == found[0].0)
    #expect(found[1].1 == found[0].1 && found[2].1 == found[0].1)
  }

  @Test("few vectors or none are no trouble, and a report may stop the work")
  func few() throws {
    for count in [0, 1, 2, 5] {
      let vectors = try clusteredVectors(count, 24)
      let found = try withSearch { try $0.approximateGraph(vectors, above: threshold) }
      #expect(found.lists.all == naiveGraph(vectors, above: threshold, k: 64))
    }
    let vectors = try clusteredVectors(900, 24)
    withSearch { search in
      _ = #expect(throws: NeighbourError.cancelled) {
        try search.approximateGraph(vectors, above: threshold) { $0 < 0.5 }
      }
    }
  }
}
