import Engine
import KernelsCPU
import Recipe
import Tensor
import TestSupport
import Testing

@Suite("A recorded step")
struct StepTraceTests {
  private func trace(_ sharding: Recipe.ShardingStrategy) -> [[StepTrace.Span]] {
    ThreadProcesses(2).run { collectives in
      let kernels = CPUKernels(pool: WorkerPool(threads: 1), collectives: collectives)
      guard
        let engine = try? SmallRun.engine(
          images: 2, .sinkhornKnopp, world: 2, kernels: kernels,
          change: {
            $0.sharding = sharding
            $0.accumulationSteps = 1
          })
      else { return [] }
      let first = 2 * collectives.place.number
      _ = collectives.recordTransfers(true)
      let trace = StepTrace()
      engine.trace = trace
      _ = engine.step(SmallRun.batch([first, first + 1]), SmallRun.values(lr: 1e-3))
      engine.trace = nil
      return trace.spans(collectives.recordTransfers(false))
    }
  }

  @Test("has all its parts in order, and names what was sent")
  func whole() throws {
    let found = trace(.fullShard)
    try #require(found.count == 2 && !found[0].isEmpty)
    let computed = found[0].filter { $0.lane == .compute && $0.phase != "waiting" }
    var phases: [String] = []
    for span in computed where phases.last != span.phase { phases.append(span.phase) }
    #expect(phases == ["teacher", "student", "backward", "optimiser"])
    for (span, next) in zip(found[0], found[0].dropFirst()) where next.lane == .compute {
      #expect(span.began <= span.ended && span.ended <= next.began + 1e-9)
    }
    let names = Set(computed.map(\.name))
    #expect(
      names.isSuperset(of: ["backbone.blocks.0", "dino_head", "targets", "AdamW and average"]))
    let sent = Set(found[0].filter { $0.lane == .network }.map(\.name))
    #expect(
      sent.isSuperset(of: [
        "gather backbone.blocks.0", "gather ibot_head", "reduce backbone.embedding", "sums",
      ]))
  }

  @Test("without sharding, sums of gradients are gathered, and no parameters")
  func replicas() throws {
    let found = trace(.noShard)
    try #require(found.count == 2 && !found[0].isEmpty)
    let sent = Set(found[0].filter { $0.lane == .network }.map(\.name))
    #expect(sent.contains("gather sums of backbone.blocks.1"))
    #expect(sent.contains("reduce dino_head"))
    #expect(!sent.contains("gather backbone.blocks.1"))
  }
}
