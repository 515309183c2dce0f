import Engine
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor
import Testing

@Suite("A step of several batches learns from the mean of their gradients")
struct AccumulationTests {
  private func engine(images: Int, _ centering: CenteringMethod) throws -> Engine {
    var shape = EngineShape(
      network: NetworkShape(
        backbone: BackboneShape(
          embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 4, hiddenWidth: 32,
          registers: 1, layerScale: 0.5),
        dinoHead: HeadShape(inputs: 24, hidden: 20, bottleneck: 12, prototypes: 30),
        ibotHead: HeadShape(inputs: 24, hidden: 20, bottleneck: 12, prototypes: 24)),
      counts: CropCounts(images: images, localCrops: 2), globalCropsSize: 16, localCropsSize: 8,
      maskedPatches: images * 32, centering: centering)
    shape.accumulationSteps = 3
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2)
      }, kernels: CPUKernels(pool: WorkerPool(threads: 2)))
    // Far from symmetric, and with a teacher of its own.
    var random = CounterRandom(seed: 4, use: .test)
    for part in [Engine.Part.student, .teacher] {
      engine.set(
        part, to: engine.layout.initialValues(seed: 1).map { $0 + random.normal() * 0.1 })
    }
    return engine
  }

  /// Two global and two local crops of an image, and three masked patches in its first crop.
  private struct Image {
    var globals: [[Float]]
    var locals: [[Float]]

    init(_ number: Int) {
      var random = CounterRandom(seed: 9, use: .test, number)
      func crop(_ side: Int) -> [Float] { (0..<3 * side * side).map { _ in random.normal() } }
      globals = [crop(16), crop(16)]
      locals = [crop(8), crop(8)]
    }
  }

  private func batch(_ numbers: [Int]) -> StepInput {
    let images = numbers.map { Image($0) }
    var masks = [Int32](repeating: 0, count: 2 * images.count * 16)
    for (row, number) in numbers.enumerated() {
      for patch in [number, number + 3, number + 7] { masks[row * 16 + patch] = 1 }
    }
    return StepInput(
      globalCrops: (0..<2).flatMap { crop in images.flatMap { $0.globals[crop] } },
      localCrops: (0..<2).flatMap { crop in images.flatMap { $0.locals[crop] } }, masks: masks)
  }

  private func values(
    lr: Double = 0, koleo: Float = 0.3, clip: Double = 0
  ) -> StepValues {
    StepValues(
      lr: lr, lastLayerLr: lr, weightDecay: 0.04, momentum: lr == 0 ? 1 : 0.9, teacherTemp: 0.06,
      clipGrad: clip, weights: LossWeights(dino: 0.8, koleo: koleo, ibot: 1.2))
  }

  /// The largest difference in a tensor over its largest entry, at its worst.
  private func worst(_ engine: Engine, _ found: [Float], _ expected: [Float]) -> Float {
    engine.layout.parameters.filter { !$0.name.hasSuffix("qkv.bias") }.map { parameter in
      let pairs = zip(found[parameter.range], expected[parameter.range])
      let largest = expected[parameter.range].map(abs).max()!
      return pairs.map { abs($0 - $1) }.max()! / max(largest, 1e-6)
    }.max()!
  }

  @Test("losses and gradients are means over the batches, each with targets and KoLeo of its own")
  func mean() throws {
    let engine = try engine(images: 2, .sinkhornKnopp)
    let batches = [batch([0, 1]), batch([2, 3]), batch([4, 5])]
    var sum = [Float](repeating: 0, count: engine.layout.count)
    var losses = Losses()
    for batch in batches {
      losses.add(engine.step(batch, values()).losses, share: 1 / 3)
      sum = zip(sum, engine.values(of: .gradients)).map { $0 + $1 / 3 }
    }
    let outcome = engine.step(values(), batches: 3) { batches[$0] }
    #expect(worst(engine, engine.values(of: .gradients), sum) < 2e-5)
    #expect(abs(outcome.losses.koleo - losses.koleo) < 1e-6 && losses.koleo != 0)
    #expect(abs(outcome.losses.ibot - losses.ibot) < 1e-6 && losses.ibot > 0)
    #expect(abs(outcome.total - losses.total(values().weights)) < 1e-6)
  }

  @Test("with centering and without KoLeo two batches are one batch of twice the images")
  func doubled() throws {
    let small = try engine(images: 2, .centering)
    let large = try engine(images: 4, .centering)
    let halves = [batch([0, 1]), batch([2, 3])]
    // The second step sees a center that the first has moved.
    for _ in 0..<2 {
      let one = small.step(values(lr: 1e-3, koleo: 0, clip: 0.1), batches: 2) { halves[$0] }
      let other = large.step(batch([0, 1, 2, 3]), values(lr: 1e-3, koleo: 0, clip: 0.1))
      #expect(abs(one.total - other.total) < 1e-5)
      for (a, b) in zip(one.gradientNorms, other.gradientNorms) { #expect(abs(a - b) < 1e-4 * b) }
      #expect(worst(large, small.values(of: .gradients), large.values(of: .gradients)) < 1e-4)
    }
    for name in ["dino", "ibot"] {
      let (a, b) = (try #require(small.centers[name]), try #require(large.centers[name]))
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } && b.contains { abs($0) > 1e-3 })
    }
    #expect(worst(large, small.values(of: .teacher), large.values(of: .teacher)) < 1e-4)
    #expect(small.updates == 2)
  }

  @Test("one batch that is not finite spoils its step, which changes nothing")
  func notFinite() throws {
    let engine = try engine(images: 2, .sinkhornKnopp)
    var batches = [batch([0, 1]), batch([2, 3])]
    batches[0].localCrops[3] = .nan
    let before = engine.values(of: .student)
    let outcome = engine.step(values(lr: 1e-3), batches: 2) { batches[$0] }
    #expect(!outcome.updated && engine.values(of: .student) == before)
  }
}
