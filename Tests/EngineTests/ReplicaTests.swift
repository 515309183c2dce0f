import Engine
import KernelsCPU
import Recipe
import Tensor
import TestSupport
import Testing

@Suite("Checksums of what all processes hold alike")
struct ReplicaTests {
  /// The checksums of each share, then of everything, on each process after a step.
  private func checksums(
    _ sharding: Recipe.ShardingStrategy, spoiling part: Engine.Part? = nil
  ) -> [[[String: String]]] {
    ThreadProcesses(2).run { collectives in
      let kernels = CPUKernels(pool: WorkerPool(threads: 1), collectives: collectives)
      guard
        let engine = try? SmallRun.engine(
          images: 2, .centering, world: 2, kernels: kernels,
          change: { $0.sharding = sharding })
      else { return [] }
      let number = collectives.place.number
      _ = engine.step(SmallRun.batch([2 * number, 2 * number + 1]), SmallRun.values(lr: 1e-3))
      if let part, number == 1 {
        var values = engine.values(of: part)
        values[values.count / 3] = (values[values.count / 3] * 2).nextUp
        engine.set(part, to: values)
      }
      let shares = (0..<Engine.replicaShares).map { engine.replicaChecksums(share: $0) }
      return shares + [engine.replicaChecksums()]
    }
  }

  @Test("are the same on all processes", arguments: Recipe.ShardingStrategy.allCases)
  func same(_ sharding: Recipe.ShardingStrategy) throws {
    let found = checksums(sharding)
    try #require(found.count == 2 && !found[0].isEmpty)
    #expect(found[0] == found[1])
    let parts = Set(found[0].last!.keys)
    #expect(parts.isSuperset(of: ["center of dino", "center of ibot", "losses and norms"]))
    #expect(parts.contains("student") == (sharding == .noShard))
    // Shares are of different values.
    #expect(Set(found[0].dropLast().map { $0["center of dino"]! }).count > 1)
  }

  @Test(
    "one wrong value is in one share, and in the whole",
    arguments: [Engine.Part.student, .teacher, .expAvg, .expAvgSq])
  func wrong(_ part: Engine.Part) throws {
    let found = checksums(.noShard, spoiling: part)
    let name = part == .teacher ? "average" : part.rawValue
    var wrong: [Int] = []
    for share in found[0].indices {
      let differing = found[0][share].keys.filter { found[0][share][$0] != found[1][share][$0] }
      #expect(differing.isEmpty || differing == [name])
      if !differing.isEmpty { wrong.append(share) }
    }
    try #require(wrong.count == 2)
    #expect(wrong[0] < Engine.replicaShares && wrong[1] == Engine.replicaShares)
  }
}
