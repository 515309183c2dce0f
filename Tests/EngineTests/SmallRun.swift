import Engine
import Kernels
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor

/// A small engine and batches that are made image by image, so that a batch may be cut in parts.
enum SmallRun {
  /// An engine with random parameters, those of the teacher apart from the student's.
  ///
  /// - Parameters:
  ///   - images: those of a rank's micro-batch.
  ///   - world: the number of ranks.
  static func engine(
    images: Int, _ centering: CenteringMethod, world: Int = 1,
    kernels: any Kernels = CPUKernels(pool: WorkerPool(threads: 2)),
    change: (inout EngineShape) -> Void = { _ in }
  ) throws -> Engine {
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
    shape.ranks = Ranks(world: world, of: kernels.collectives.place)
    change(&shape)
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2)
      }, kernels: kernels)
    // Far from symmetric, and with a teacher of its own.
    var random = CounterRandom(seed: 4, use: .test)
    for (part, network) in [(Engine.Part.student, shape.network), (.teacher, shape.teacher)] {
      engine.set(
        part, to: network.layout.initialValues(seed: 1).map { $0 + random.normal() * 0.1 })
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

  /// The batch of the images of these numbers.
  static func batch(_ numbers: [Int]) -> StepInput {
    let images = numbers.map { Image($0) }
    var masks = [Int32](repeating: 0, count: 2 * images.count * 16)
    for (row, number) in numbers.enumerated() {
      for patch in [0, 3, 7] { masks[row * 16 + (number + patch) % 16] = 1 }
    }
    return StepInput(
      globalCrops: (0..<2).flatMap { crop in images.flatMap { $0.globals[crop] } },
      localCrops: (0..<2).flatMap { crop in images.flatMap { $0.locals[crop] } }, masks: masks)
  }

  static func values(
    lr: Double = 0, koleo: Float = 0.3, clip: Double = 0
  ) -> StepValues {
    StepValues(
      lr: lr, lastLayerLr: lr, weightDecay: 0.04, momentum: lr == 0 ? 1 : 0.9, teacherTemp: 0.06,
      clipGrad: clip, weights: LossWeights(dino: 0.8, koleo: koleo, ibot: 1.2))
  }

  /// The largest difference in a tensor over its largest entry, at its worst.
  static func worst(_ engine: Engine, _ found: [Float], _ expected: [Float]) -> Float {
    engine.layout.parameters.filter { !$0.name.hasSuffix("qkv.bias") }.map { parameter in
      let pairs = zip(found[parameter.range], expected[parameter.range])
      let largest = expected[parameter.range].map(abs).max()!
      return pairs.map { abs($0 - $1) }.max()! / max(largest, 1e-6)
    }.max()!
  }
}

extension EngineShape {
  /// Turns it into a distillation from the features of a network that is as its student, but without heads.
  mutating func learnFromFeatures() {
    let backbone = network.backbone
    frozenTeacher = NetworkShape(backbone: backbone, dinoHead: .none(backbone), ibotHead: nil)
    objective = .features(FeatureMatching())
    centering = .standardisation
    counts.localCrops = 0
    func head(_ layers: Int) -> HeadShape {
      HeadShape(
        inputs: backbone.embedDim, hidden: 20, bottleneck: backbone.embedDim, prototypes: 0,
        layers: layers, isNormalised: false)
    }
    students[0].network.dinoHead = head(1)
    students[0].network.ibotHead = head(2)
    maskedPatches = counts.global * globalCrops.patchesEach
  }
}
