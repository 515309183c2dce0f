import Engine
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor
import Testing

@Suite("A whole step differentiates its own loss")
struct StepGradientTests {
  private let shape: EngineShape

  init() {
    shape = EngineShape(
      network: NetworkShape(
        backbone: BackboneShape(
          embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 4, hiddenWidth: 32,
          registers: 1, layerScale: 0.5),
        dinoHead: HeadShape(inputs: 24, hidden: 20, bottleneck: 12, prototypes: 30),
        ibotHead: HeadShape(inputs: 24, hidden: 20, bottleneck: 12, prototypes: 24)),
      counts: CropCounts(images: 3, localCrops: 2), globalCropsSize: 16, localCropsSize: 8,
      maskedPatches: 40, centering: .sinkhornKnopp)
  }

  private func engine(_ shape: EngineShape) throws -> Engine {
    try Engine(
      shape,
      groups: {
        ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 1, patchEmbedLrMult: 1)
      }, kernels: CPUKernels(pool: WorkerPool(threads: 2)))
  }

  private func batch(_ random: inout CounterRandom) -> StepInput {
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in random.normal() } }
    var masks = [Int32](repeating: 0, count: 6 * 16)
    for patch in [1, 2, 5, 6, 40, 41, 44, 70] { masks[patch] = 1 }
    return StepInput(
      globalCrops: numbers(6 * 3 * 256), localCrops: numbers(6 * 3 * 64), masks: masks,
      keep: [
        KeptSequences(attention: [[5, 0, 2], [1, 4]], feedForward: [[1, 3, 4, 5], [0, 2]]),
        KeptSequences(attention: [[0, 1, 2, 3], [5]], feedForward: [[2, 3], [1, 2, 3]]),
      ])
  }

  @Test("in every tensor, all four losses at once")
  func gradient() throws {
    var random = CounterRandom(seed: 21, use: .test)
    let engine = try engine(shape)
    let batch = batch(&random)
    // Nothing moves at a rate of 0 and momentum 1, so the same step can be asked again.
    let values = StepValues(
      lr: 0, lastLayerLr: 0, weightDecay: 0, momentum: 1, teacherTemp: 0.06, clipGrad: 0,
      weights: LossWeights(dino: 0.8, koleo: 0.3, ibot: 1.2))
    let student = engine.layout.initialValues(seed: 1).map { $0 + random.normal() * 0.1 }
    engine.set(
      .teacher, to: engine.layout.initialValues(seed: 2).map { $0 + random.normal() * 0.1 })
    engine.set(.student, to: student)
    let outcome = engine.step(batch, values)
    #expect(outcome.losses.koleo != 0 && outcome.losses.ibot > 0 && outcome.losses.dinoLocal > 0)
    let gradient = engine.values(of: .gradients)

    for parameter in engine.layout.parameters where !parameter.name.hasSuffix("qkv.bias") {
      var direction = parameter.range.map { _ in random.normal() }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      direction = direction.map { $0 / length }
      func loss(_ distance: Float) -> Double {
        var moved = student
        for (i, d) in zip(parameter.range, direction) { moved[i] += d * distance }
        engine.set(.student, to: moved)
        return engine.step(batch, values).total
      }
      func slope(_ distance: Float) -> Double {
        (loss(distance) - loss(-distance)) / Double(2 * distance)
      }
      // Two distances cancel the error of second order; smaller ones would drown in rounding.
      let measured = (4 * slope(1e-2) - slope(2e-2)) / 3
      let claimed = zip(parameter.range, direction).reduce(0.0) {
        $0 + Double(gradient[$1.0] * $1.1)
      }
      let error = abs(measured - claimed) / max(abs(measured), abs(claimed), 0.02)
      #expect(error < 1e-2, "\(parameter.name): \(measured), \(claimed)")
    }
  }

  @Test(
    "a step whose numbers are not finite changes nothing and says so",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func notFinite(centering: CenteringMethod) throws {
    var shape = shape
    shape.centering = centering
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 1, patchEmbedLrMult: 1)
      }, kernels: CPUKernels(pool: WorkerPool(threads: 1)))
    engine.initialise(seed: 1)
    var crops = [Float](repeating: 0.1, count: 6 * 3 * 256)
    crops[17] = .nan
    let before = engine.values(of: .student)
    let outcome = engine.step(
      StepInput(
        globalCrops: crops, localCrops: [Float](repeating: 0.2, count: 6 * 3 * 64),
        masks: [Int32](repeating: 0, count: 96)),
      StepValues(
        lr: 1, lastLayerLr: 1, weightDecay: 0, momentum: 0.5, teacherTemp: 0.05, clipGrad: 3,
        weights: LossWeights()))
    #expect(!outcome.updated && engine.updates == 0)
    #expect(engine.values(of: .student) == before && engine.values(of: .teacher) == before)
    #expect(engine.values(of: .expAvgSq).allSatisfy { $0 == 0 })
    #expect(engine.centers.values.joined().allSatisfy { $0 == 0 })
  }
}
