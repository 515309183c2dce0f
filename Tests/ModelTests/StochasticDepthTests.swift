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
      StochasticDepth.draw(rate: 0.3, seed: 1, step: 9, depth: 5, groups: groups))
    #expect(kept.count == 5)
    for block in kept {
      for branch in [block.attention, block.feedForward] {
        #expect(branch.map(\.count) == [5, 21])
        #expect(branch.allSatisfy { Set($0).count == $0.count })
        #expect(branch[0].allSatisfy((0..<8).contains) && branch[1].allSatisfy((0..<30).contains))
      }
    }
    let nearlyAll = StochasticDepth.draw(rate: 0.99, seed: 1, step: 9, depth: 1, groups: groups)
    #expect(try #require(nearlyAll)[0].attention.map(\.count) == [1, 1])
  }

  @Test("drawn anew for every step, block and branch, and the same again for the same")
  func draws() throws {
    func draw(_ step: Int) throws -> [KeptSequences] {
      try #require(StochasticDepth.draw(rate: 0.4, seed: 1, step: step, depth: 3, groups: groups))
    }
    #expect(try draw(7) == draw(7))
    #expect(try draw(7) != draw(8))
    let blocks = try draw(7)
    #expect(blocks[0] != blocks[1] && blocks[0].attention != blocks[0].feedForward)
  }

  @Test("a rate of 0 computes everything")
  func off() {
    #expect(StochasticDepth.draw(rate: 0, seed: 1, step: 1, depth: 3, groups: groups) == nil)
  }
}
