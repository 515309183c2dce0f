import Model
import Testing

@Suite("Stochastic depth keeps a random subset of fixed size")
struct StochasticDepthTests {
  private let groups = [
    CropGroup(count: 8, rows: 4, columns: 4), CropGroup(count: 30, rows: 2, columns: 2),
  ]

  @Test("max(⌊b(1 − rate)⌋, 1) sequences of each group, none twice")
  func sizes() throws {
    let kept = try #require(
      StochasticDepth.draw(
        rates: Array(repeating: 0.3, count: 5), seed: 1, batch: 9, groups: groups))
    #expect(kept.count == 5)
    for block in kept {
      for branch in [block.attention, block.feedForward] {
        #expect(branch.map(\.count) == [5, 21])
        #expect(branch.allSatisfy { Set($0).count == $0.count })
        #expect(branch[0].allSatisfy((0..<8).contains) && branch[1].allSatisfy((0..<30).contains))
      }
    }
    let nearlyAll = StochasticDepth.draw(rates: [0.99], seed: 1, batch: 9, groups: groups)
    #expect(try #require(nearlyAll)[0].attention.map(\.count) == [1, 1])
  }

  @Test("drawn anew for every step, block and branch, and the same again for the same")
  func draws() throws {
    func draw(_ step: Int) throws -> [KeptSequences] {
      try #require(
        StochasticDepth.draw(rates: [0.4, 0.4, 0.4], seed: 1, batch: step, groups: groups))
    }
    #expect(try draw(7) == draw(7))
    #expect(try draw(7) != draw(8))
    let blocks = try draw(7)
    #expect(blocks[0] != blocks[1] && blocks[0].attention != blocks[0].feedForward)
  }

  @Test("each block keeps by its own rate, all where that is 0")
  func ratesOfTheirOwn() throws {
    let kept = try #require(
      StochasticDepth.draw(rates: [0, 0.25, 0.5], seed: 1, batch: 2, groups: groups))
    #expect(kept.map { $0.attention.map(\.count) } == [[8, 30], [6, 22], [4, 15]])
    #expect(kept[0].feedForward == [Array(0..<8), Array(0..<30)])
  }

  @Test("a rate of 0 computes everything")
  func off() {
    #expect(StochasticDepth.draw(rates: [0, 0, 0], seed: 1, batch: 1, groups: groups) == nil)
  }
}
