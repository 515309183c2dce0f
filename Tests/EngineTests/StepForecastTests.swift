import Engine
import Kernels
import KernelsCPU
import Model
import Recipe
import Tensor
import Testing

@Suite("The foretold time of a step that processes share")
struct StepForecastTests {
  /// The shape of a process's engine, deep enough that blocks take turns.
  private func shape(
    world: Int, processes: Int, _ sharding: Recipe.ShardingStrategy, _ element: Element,
    batches: Int = 1
  ) throws -> EngineShape {
    var shape = try SmallRun.engine(
      images: 2, .sinkhornKnopp, world: 1, kernels: CPUKernels(pool: WorkerPool(threads: 1)),
      change: { $0.students[0].network.backbone.depth = 6 }
    ).shape
    shape.ranks = Ranks(world: world, of: ProcessPlace(number: 0, of: processes))
    shape.sharding = sharding
    (shape.gathered, shape.reduced) = (element, element)
    shape.accumulationSteps = batches
    return shape
  }

  private let slow = LinkModel(bytesPerSecond: 1e5)

  @Test(
    "is at least that of the line", arguments: Recipe.ShardingStrategy.allCases,
    [(2, 2, 1), (4, 2, 1), (4, 4, 1), (2, 2, 3), (8, 2, 2)])
  func line(_ sharding: Recipe.ShardingStrategy, _ run: (Int, Int, Int)) throws {
    for element in [Element.fp32, .bf16] {
      let shape = try shape(
        world: run.0, processes: run.1, sharding, element, batches: run.2)
      let forecast = StepForecast(
        shape, StepPart.parts(shape, rate: 1e9), slow, threads: 1)
      #expect(forecast.seconds > StepTraffic(shape).bytes / slow.bytesPerSecond)
      #expect(forecast.waiting > 0 && forecast.waiting < forecast.seconds)
    }
  }

  @Test("one process takes as long as it computes")
  func alone() throws {
    let shape = try shape(world: 4, processes: 1, .noShard, .fp32)
    let parts = StepPart.parts(shape, rate: 1e9)
    let forecast = StepForecast(shape, parts, slow, threads: 1)
    #expect(forecast.seconds == parts.reduce(0) { $0 + $1.seconds })
    #expect(StepTraffic(shape).bytes == 0)
  }

  @Test("what is sent hides behind what is computed, if the line is fast enough")
  func overlap() throws {
    for sharding in Recipe.ShardingStrategy.allCases {
      let shape = try shape(world: 2, processes: 2, sharding, .fp32)
      let parts = StepPart.parts(shape, rate: 1e6)
      let computing = parts.reduce(0) { $0 + $1.seconds }
      let sent = StepTraffic(shape).bytes
      // A line that needs half of the time of computing is waited for during a small part of it.
      let link = LinkModel(bytesPerSecond: sent / (computing / 2))
      let forecast = StepForecast(shape, parts, link, threads: 1)
      #expect(forecast.waiting < 0.5 * computing / 2, "\(sharding)")
      let slower = StepForecast(
        shape, parts, LinkModel(bytesPerSecond: link.bytesPerSecond, latency: 1),
        threads: 1)
      #expect(slower.seconds > forecast.seconds + 1)
    }
  }
}
