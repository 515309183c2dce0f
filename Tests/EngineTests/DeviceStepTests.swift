import Engine
import Kernels
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor
import Testing

@Suite("A step on a device that answers late")
struct DeviceStepTests {
  /// Kinds of runs that differ in what a step asks of the kernels.
  enum Way: String, CaseIterable, Sendable {
    case pretraining = "masks, stochastic depth, two micro-batches, Sinkhorn-Knopp"
    case tied = "tied heads, moving centers, recomputed"
    case distillation = "two students of a frozen teacher"

    var batches: Int { self == .pretraining ? 2 : 1 }
  }

  private static func network(_ width: Int, _ way: Way) -> NetworkShape {
    let head = HeadShape(inputs: width, hidden: 24, bottleneck: 12, prototypes: 48)
    return NetworkShape(
      backbone: BackboneShape(
        embedDim: width, depth: 2, numHeads: 2, patchSize: 4, grid: 4, hiddenWidth: 2 * width,
        registers: 1, layerScale: 0.5), dinoHead: head, ibotHead: way == .tied ? nil : head)
  }

  private func engine(_ kernels: any Kernels, _ way: Way) throws -> Engine {
    var shape = EngineShape(
      network: Self.network(24, way), counts: CropCounts(images: 3, localCrops: 2),
      globalCropsSize: 16, localCropsSize: 8, maskedPatches: 6 * 16,
      centering: way == .tied ? .centering : .sinkhornKnopp)
    shape.accumulationSteps = way.batches
    shape.recompute = way == .tied
    if way == .distillation {
      shape.frozenTeacher = shape.network
      shape.students = [24, 16].map {
        StudentShape(name: "\($0)", network: Self.network($0, way))
      }
    }
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2)
      }, kernels: kernels)
    engine.initialise(seed: 3)
    engine.set(.teacher, to: shape.teacher.layout.initialValues(seed: 4))
    return engine
  }

  private func batch(_ way: Way, _ number: Int) -> StepInput {
    var random = CounterRandom(seed: 8, use: .test, number)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in random.normal() } }
    var input = StepInput(
      globalCrops: numbers(6 * 3 * 256), localCrops: numbers(6 * 3 * 64), masks: nil)
    guard way != .distillation else { return input }
    input.masks = (0..<6 * 16).map { $0 % (3 + number % 3) == 0 ? 1 : 0 }
    guard way == .pretraining else { return input }
    input.keep = StochasticDepth.draw(
      rates: [0, 0.4], seed: 1, batch: number,
      groups: [CropGroup(count: 6, size: 16, patch: 4), CropGroup(count: 6, size: 8, patch: 4)])
    return input
  }

  private func state(_ engine: Engine, _ way: Way) -> [[UInt32]] {
    let students = way == .distillation ? 0..<2 : 0..<1
    return students.flatMap { student in
      [Engine.Part.student, .average, .expAvg, .expAvgSq, .gradients].map {
        engine.values(of: $0, student: student).map(\.bitPattern)
      }
    } + engine.centers.sorted { $0.key < $1.key }.map { $0.value.map(\.bitPattern) }
  }

  @Test(
    "the host waits for it once, and finds the same bits",
    arguments: Precision.allCases, Way.allCases)
  func waitsOnce(precision: Precision, way: Way) throws {
    func kernels() -> CPUKernels {
      CPUKernels(pool: WorkerPool(threads: 2), precision: precision)
    }
    let queued = QueuedKernels(kernels())
    let (late, direct) = (try engine(queued, way), try engine(kernels(), way))
    let values = StepValues(
      lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0.1, momentum: 0.9, teacherTemp: 0.06,
      clipGrad: 0.5, weights: LossWeights())
    for step in 1...3 {
      func run(_ engine: Engine) -> StepOutcome {
        engine.step(values, batches: way.batches, withDiagnostics: step != 2) {
          batch(way, 10 * step + $0)
        }
      }
      let (waits, calls) = (queued.waits, queued.calls)
      let (found, expected) = (run(late), run(direct))
      #expect(queued.waits == waits + 1)
      #expect(queued.calls > calls + 100)
      #expect(found.updated && found.flops == expected.flops)
      for (one, other) in zip(found.students, expected.students) {
        #expect(one.losses == other.losses && one.total == other.total)
        #expect(one.gradientNorms == other.gradientNorms && one.gradientNorms.min()! > 0)
        #expect(one.diagnostics == other.diagnostics)
        #expect((one.diagnostics != nil) == (step != 2))
      }
    }
    #expect(late.updates == 3)
    let isSame = state(late, way) == state(direct, way)
    #expect(isSame)
  }
}
