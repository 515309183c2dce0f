import CAllocations
import Engine
import KernelsCPU
import Model
import Objective
import Optimiser
import Recipe
import Synchronization
import Tensor
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("A step takes no memory beside what was planned", .serialized)
struct SteadyStepTests {
  private static let threads = 2

  /// Kinds of runs that differ in what a step lists.
  enum Way: String, CaseIterable, Sendable {
    case pretraining
    case tied = "tied heads, SwiGLU, moving centers, recomputed, two batches"
    case distillation = "two students of a frozen teacher"
    case features = "a student of a frozen teacher's features"
    case turned = "a student of the features of DINOv3, whose patches are larger"
    case ranks = "four ranks, two batches of each"

    var isDistilled: Bool { self == .distillation || learnsFeatures }
    var learnsFeatures: Bool { self == .features || self == .turned }
  }

  private func network(_ width: Int, _ way: Way) -> NetworkShape {
    let head = HeadShape(inputs: width, hidden: 256, bottleneck: 64, prototypes: 1024)
    var backbone = BackboneShape(
      embedDim: width, depth: 3, numHeads: 2, patchSize: 4, grid: 8, hiddenWidth: 4 * width)
    backbone.isGated = way == .tied
    return NetworkShape(
      backbone: backbone, dinoHead: head, ibotHead: way == .tied ? nil : head)
  }

  private func engine(_ pool: WorkerPool, _ precision: Precision, _ way: Way) throws -> Engine {
    var shape = EngineShape(
      network: network(128, way), counts: CropCounts(images: 3, localCrops: 4),
      globalCropsSize: 32, localCropsSize: 16, maskedPatches: 3 * 32,
      centering: way == .tied ? .centering : .sinkhornKnopp)
    shape.recompute = way == .tied
    shape.accumulationSteps = way == .tied || way == .ranks ? 2 : 1
    if way == .ranks { shape.ranks = Ranks(world: 4, of: .only) }
    if way == .distillation {
      shape.maskedPatches = shape.counts.global * 64
      shape.frozenTeacher = shape.network
      shape.students = [64, 32].map { StudentShape(name: "\($0)", network: network($0, way)) }
    }
    if way.learnsFeatures { shape.learnFromFeatures() }
    if way == .turned {
      shape.frozenTeacher?.backbone.rotary = RotaryPositions(theta: 100, headWidth: 64)
      shape.frozenTeacher?.backbone.patchSize = 8
    }
    let engine = try Engine(
      shape,
      groups: { ParameterGroups(layout: $0, depth: 3, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2) },
      kernels: CPUKernels(pool: pool, precision: precision))
    engine.initialise(seed: 3)
    if way.isDistilled {
      engine.set(.teacher, to: shape.teacher.layout.initialValues(seed: 4))
    }
    return engine
  }

  private func batch(_ engine: Engine, _ way: Way, number: Int) -> StepInput {
    var random = CounterRandom(seed: 5, use: .test)
    let counts = engine.shape.counts
    let crops = counts.global
    var input = StepInput(
      globalCrops: (0..<crops * 3 * 32 * 32).map { _ in random.normal() },
      localCrops: (0..<counts.local * 3 * 16 * 16).map { _ in random.normal() }, masks: nil)
    guard !way.isDistilled else { return input }
    input.masks = (0..<crops * 64).map {
      $0 / 64 % 2 == 0 && $0 % (8 - number) == 0 ? 1 : 0
    }
    input.keep = StochasticDepth.draw(
      rates: [0, 0.2, 0.4], seed: 1, batch: number,
      groups: [engine.shape.globalCrops, engine.shape.localCrops])
    return input
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
    arguments: Precision.allCases, Way.allCases)
  func steady(precision: Precision, way: Way) throws {
    let pool = WorkerPool(threads: Self.threads)
    defer { pool.stop() }
    let engine = try engine(pool, precision, way)
    let batches = (1...6).map { number in
      engine.shape.ranks.local.map { batch(engine, way, number: (number + $0) % 6 + 1) }
    }
    let values = StepValues(
      lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0.1, momentum: 0.9, teacherTemp: 0.05,
      clipGrad: 3, weights: LossWeights())
    for number in batches.indices {
      allocations_reset()
      count(true, pool)
      let outcome = engine.step(values, batches: engine.shape.accumulationSteps) {
        batches[(number + $0) % batches.count]
      }
      count(false, pool)
      #expect(outcome.updated)
      // The first brings the rest of the lists to their size, and shows that anything is counted.
      let isSteady = number > 0
      #expect(isSteady == (allocations_number() == 0), "\(number): \(allocations_bytes()) bytes")
    }
  }

  // Here because its counts must not mix with those of a step.
  @Test("planning asks for little memory, however large the plan is")
  func planning() throws {
    let recipe = try Recipe().applying([
      "student.arch=vit_tiny", "student.patch_size=8", "crops.global_crops_size=4096",
      "crops.local_crops_number=0", "train.batch_size_per_gpu=3000",
    ])
    let shape = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
    allocations_reset()
    allocations_count(true)
    let plan = EnginePlan(shape, CPUDevice(precision: .fp32, threads: 1))
    allocations_count(false)
    #expect(plan.bytes > 1 << 40)
    // Positions are interpolated for one crop, however many there are.
    #expect(allocations_largest() < 64 << 20, "\(allocations_largest())")
    #expect(allocations_bytes() < 256 << 20, "\(allocations_bytes())")
  }
}
