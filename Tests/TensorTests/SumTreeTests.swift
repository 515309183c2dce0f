import Tensor
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Sums over ranks in one tree")
struct SumTreeTests {
  @Test("every leaf is added once, within the planned levels", arguments: 1...33)
  func complete(_ count: Int) {
    var levels = [Set<Int>](repeating: [], count: SumTree.levels(count))
    var order: [Int] = []
    SumTree.visit(count) {
      levels[$0.level] = [$0.first]
      order.append($0.first)
    } add: { from, to in
      #expect(levels[to.level].isDisjoint(with: levels[from.level]))
      levels[to.level].formUnion(levels[from.level])
    }
    #expect(levels[0] == Set(0..<count) && order == Array(0..<count))
  }

  @Test("the parts of processes are branches of the tree", arguments: [8, 12, 6, 7, 96])
  func branches(_ world: Int) {
    func text(_ count: Int, _ leaf: (Int) -> String) -> String {
      var places = (0..<count).map(leaf)
      SumTree.add(count) { places[$1] = "(\(places[$1])+\(places[$0]))" }
      return places[0]
    }
    let whole = text(world) { "\($0)" }
    for processes in Ranks.processes(for: world) {
      let each = world / processes
      let found = text(processes) { process in text(each) { "\(process * each + $0)" } }
      #expect(found == whole)
    }
  }

  @Test(
    "what is left to add after the last leaf",
    arguments: [(1, []), (2, [1]), (3, [1]), (4, [2, 1]), (6, [2, 1]), (8, [3, 2, 1])])
  func lastAdditions(_ count: Int, _ levels: [Int]) {
    let additions = SumTree.additionsAfterLastLeaf(count)
    #expect(additions.map(\.from) == levels)
    #expect(additions.allSatisfy { $0.to == $0.from - 1 })
  }

  @Test("numbers of processes that would cut a branch are not allowed")
  func cut() {
    #expect(Ranks.processes(for: 96) == [1, 2, 4, 8, 16, 32, 96])
  }
}

@Suite("Collectives over a link")
struct LinkedCollectivesTests {
  /// A value of a process whose sums depend on their order.
  private static func value(_ process: Int, _ i: Int) -> Float {
    var random = CounterRandom(seed: 1, use: .test, process, i)
    return random.uniform(-1, 1) * (i % 3 == 0 ? 1e6 : 1e-3)
  }

  @Test(
    "numbers below the smallest normal one are zero, as within a process",
    arguments: [100, 40_000], [Element.fp32, .bf16])
  func denormals(count: Int, element: Element) {
    let found = ThreadProcesses(2).run { collectives -> [Float] in
      // A thread inherits from the one that starts it how it rounds; this one is as the thread of MPI.
      fesetenv(UnsafePointer<fenv_t>(bitPattern: -1))
      var values = [Float](repeating: .leastNormalMagnitude / 16, count: count)
      values[7] = 2e-38
      values.withUnsafeMutableBufferPointer { collectives.allReduceSum($0, as: element) }
      return values
    }
    for values in found {
      #expect(values[0].bitPattern == 0 && values[count - 1].bitPattern == 0)
      #expect(abs(values[7] / 4e-38 - 1) < 0.01)
    }
  }

  @Test(
    "sums have the tree's bits at all sizes, on every process",
    arguments: [1, 2, 3, 4, 8], [0, 1, 7, 8192, 8193, 300_001, 1_200_000])
  func sums(processes: Int, count: Int) {
    // Only some of a large sum's values are computed anew.
    let checked =
      Array(stride(from: 0, to: count, by: max(1, count / 997))) + (count > 0 ? [count - 1] : [])
    let found = ThreadProcesses(processes).run { collectives -> [Float] in
      let own = collectives.place.number
      var values = [Float](repeating: 0, count: count)
      for i in checked { values[i] = Self.value(own, i) }
      values.withUnsafeMutableBufferPointer { collectives.allReduceSum($0, as: .fp32) }
      return checked.map { values[$0] }
    }
    let expected = checked.map { i in
      var parts = (0..<processes).map { Self.value($0, i) }
      SumTree.add(processes) { parts[$1] += parts[$0] }
      return parts[0]
    }
    for values in found { #expect(values == expected) }
  }

  @Test("maxima, doubles, words and values of process 0 reach everybody", arguments: [1, 2, 3, 5])
  func others(processes: Int) {
    let found = ThreadProcesses(processes).run { collectives -> [String] in
      let own = collectives.place.number
      var maximum = [Float(own), 1 - Float(own)]
      maximum.withUnsafeMutableBufferPointer { collectives.allReduceMax($0) }
      var doubles = [Double(own) + 0.5]
      doubles.withUnsafeMutableBufferPointer { collectives.allReduceSum($0) }
      var values = (0..<1_500_000).map { Float($0 % 1000 + own) }
      values.withUnsafeMutableBufferPointer { collectives.broadcast($0) }
      let isFirst = values.enumerated().allSatisfy { $1 == Float($0 % 1000) }
      let words = collectives.gather(
        Array("process \(own)\(String(repeating: "!", count: own))".utf8))
      let word = collectives.broadcast(own == 0 ? [1, 2, 3] : [9])
      return [
        "\(maximum)", "\(doubles)", "\(isFirst)",
        "\(words.map { String(decoding: $0, as: UTF8.self) })",
        "\(word)", "\(collectives.gather([]).count)",
      ]
    }
    let sum = (0..<processes).reduce(0) { $0 + Double($1) + 0.5 }
    let words = (0..<processes).map { "process \($0)\(String(repeating: "!", count: $0))" }
    for texts in found {
      #expect(
        texts == [
          "\([Float(processes - 1), 1])", "\([sum])", "true", "\(words)", "[1, 2, 3]",
          "\(processes)",
        ])
    }
  }
}
