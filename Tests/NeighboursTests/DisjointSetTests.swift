import Neighbours
import Tensor
import Testing

@Suite("Connected components")
struct DisjointSetTests {
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

  @Test("a graph's components are those of its pairs above a threshold")
  func graph() throws {
    // On an arc, 20 degrees apart: each is near its neighbours only (cos 20° = 0.94).
    let arc = try Vectors(
      [1, 0, 0.9397, 0.342, 0.766, 0.6428, 0.5, 0.866, 0.1736, 0.9848, -1, 0], dimension: 2)
    let graph = try withSearch { try $0.graph(arc, above: 0.5) }
    var near = DisjointSet(graph, above: 0.9)
    #expect(near.components() == [[0, 1, 2, 3, 4]])
    var none = DisjointSet(graph, above: 0.95)
    #expect(none.components().isEmpty)
  }
}
