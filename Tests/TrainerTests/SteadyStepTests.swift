import CAllocations
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor
import Synchronization
import Testing
import Trainer

#if canImport(Glibc)
  import Glibc
#endif

@Suite("A step takes no memory beside what was planned", .serialized)
struct SteadyStepTests {
  private static let threads = 2

  private func engine(_ pool: WorkerPool, _ precision: Precision) throws -> Engine {
    let engine = try Engine(
      EngineShape(
        network: NetworkShape(
          backbone: BackboneShape(
            embedDim: 128, depth: 3, numHeads: 2, patchSize: 4, grid: 16, hiddenWidth: 512),
          dinoHead: HeadShape(inputs: 128, hidden: 256, bottleneck: 64, prototypes: 4096),
          ibotHead: HeadShape(inputs: 128, hidden: 256, bottleneck: 64, prototypes: 4096)),
        counts: CropCounts(images: 8, localCrops: 4), globalCropsSize: 64, localCropsSize: 32,
        maskedPatches: 8 * 128, centering: .sinkhornKnopp),
      groups: { ParameterGroups(layout: $0, depth: 3, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2) },
      kernels: CPUKernels(pool: pool, precision: precision))
    engine.initialise(seed: 3)
    return engine
  }

  private func batch(_ engine: Engine, number: Int) -> StepInput {
    var random = CounterRandom(seed: 5, use: .test)
    let counts = engine.shape.counts
    let crops = counts.global
    return StepInput(
      globalCrops: (0..<crops * 3 * 64 * 64).map { _ in random.normal() },
      localCrops: (0..<counts.local * 3 * 32 * 32).map { _ in random.normal() },
      masks: (0..<crops * 256).map { $0 / 256 % 2 == 0 && $0 % (8 - number) == 0 ? 1 : 0 },
      keep: StochasticDepth.draw(
        rates: [0, 0.2, 0.4], seed: 1, batch: number,
        groups: [engine.shape.globalCrops, engine.shape.localCrops]))
  }

  /// Counts, or no longer counts, what the caller and every worker of a pool allocate.
  private func count(_ isOn: Bool, _ pool: WorkerPool) {
    let met = Atomic<Int>(0)
    // No worker gets a second chunk before each has one.
    pool.run(chunks: pool.threads) { _, _ in
      allocations_count(isOn)
      met.add(1, ordering: .relaxed)
      while met.load(ordering: .relaxed) < pool.threads { sched_yield() }
    }
  }

  @Test(
    "nothing is allocated, not even a small object, whatever is masked and kept",
    arguments: Precision.allCases)
  func steady(precision: Precision) throws {
    let pool = WorkerPool(threads: Self.threads)
    defer { pool.stop() }
    let engine = try engine(pool, precision)
    let batches = (1...6).map { batch(engine, number: $0) }
    let values = StepValues(
      lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0.1, momentum: 0.9, teacherTemp: 0.05,
      clipGrad: 3, weights: LossWeights())
    for (number, batch) in batches.enumerated() {
      allocations_reset()
      count(true, pool)
      let outcome = engine.step(batch, values)
      count(false, pool)
      #expect(outcome.updated)
      // The first brings the rest of the lists to their size, and shows that anything is counted.
      let isSteady = number > 0
      #expect(isSteady == (allocations_number() == 0), "\(number): \(allocations_bytes()) bytes")
    }
  }
}
