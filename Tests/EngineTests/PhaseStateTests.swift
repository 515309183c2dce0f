import Engine
import Foundation
import Kernels
import KernelsCPU
import Model
import Objective
import Optimiser
import Store
import Support
import Tensor
import TestSupport
import Testing

@Suite("A state goes over to another resolution")
struct PhaseStateTests {
  /// An engine for crops of so many patches a side, whose positions are for `grid`.
  private func engine(grid: Int, crops: Int) throws -> Engine {
    try Engine(
      EngineShape(
        network: NetworkShape(
          backbone: BackboneShape(
            embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: grid, hiddenWidth: 32),
          dinoHead: HeadShape(inputs: 24, hidden: 16, bottleneck: 8, prototypes: 20),
          ibotHead: nil),
        counts: CropCounts(images: 2, localCrops: 1), globalCropsSize: crops * 4, localCropsSize: 8,
        maskedPatches: 40, centering: .centering),
      groups: { ParameterGroups(layout: $0, depth: 2, layerwiseDecay: 1, patchEmbedLrMult: 1) },
      kernels: CPUKernels(pool: WorkerPool(threads: 1)))
  }

  private func noise(_ count: Int, _ number: Int) -> [Float] {
    var random = CounterRandom(seed: 5, use: .test, number)
    return (0..<count).map { _ in random.normal() }
  }

  private func step(_ engine: Engine, crops: Int, _ number: Int) {
    var masks = [Int32](repeating: 0, count: 4 * crops * crops)
    masks[3] = 1
    _ = engine.step(
      StepInput(
        globalCrops: noise(4 * 3 * 16 * crops * crops, number),
        localCrops: noise(2 * 3 * 64, number + 100), masks: masks),
      StepValues(
        lr: 1e-2, lastLayerLr: 1e-2, weightDecay: 0.1, momentum: 0.5, teacherTemp: 0.05,
        clipGrad: 3, weights: LossWeights()))
  }

  /// A trained engine on a grid of 3 and its checkpoint.
  private func withCheckpoint(_ body: (Engine, Checkpoint) throws -> Void) throws {
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let low = try engine(grid: 3, crops: 3)
    low.initialise(seed: 3)
    for number in 1...4 { step(low, crops: 3, number) }
    let checkpoint = try CheckpointStore(directory: folder.path).write(step: 4) {
      (writer) throws(FileError) in try low.write(to: writer)
    }
    try body(low, checkpoint)
  }

  @Test("features at the new size are the same with positions interpolated as with resized ones")
  func features() throws {
    try withCheckpoint { _, checkpoint in
      let before = try engine(grid: 3, crops: 5)
      try before.load(checkpoint)
      let after = try engine(grid: 5, crops: 5)
      try after.load(checkpoint)
      let views = noise(4 * 3 * 400, 9)
      let (a, b) = (before.embed(views), after.embed(views))
      let worst = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
      #expect(a.count == 4 * 24 && worst < 1e-4, "\(worst)")
      // They do depend on the positions.
      let positions = try #require(
        after.layout.parameters.first { $0.name == BackboneShape.positions })
      var values = after.values(of: .teacher)
      for index in positions.range { values[index] = 0 }
      after.set(.teacher, to: values)
      #expect(zip(a, after.embed(views)).contains { abs($0 - $1) > 1e-2 })
    }
  }

  @Test(
    "all else is taken over to the bit, both moments are resized, none of the second below what was"
  )
  func moments() throws {
    try withCheckpoint { low, checkpoint in
      let high = try engine(grid: 7, crops: 7)
      try high.load(checkpoint)
      #expect(high.updates == 4)
      let resize = high.shape.network.backbone.resizing(from: 3)
      var isClamped = false
      for part in [Engine.Part.student, .teacher, .expAvg, .expAvgSq] {
        let (old, new) = (low.values(of: part), high.values(of: part))
        for (from, to) in zip(low.layout.parameters, high.layout.parameters) {
          let values = Array(old[from.range])
          let expected = from.shape == to.shape ? values : resize(values, width: 24)
          let found = Array(new[to.range])
          if part == .expAvgSq, from.shape != to.shape {
            let least = values.min()!
            isClamped = expected.contains { $0 < least }
            #expect(least >= 0 && found == expected.map { max($0, least) })
          } else {
            #expect(found == expected, "\(part) \(from.name)")
          }
        }
      }
      #expect(isClamped, "the case has no weight that would have gone below 0")
      step(high, crops: 7, 5)
      let learned = high.values(of: .student)
      #expect(learned.allSatisfy { $0.isFinite })
    }
  }
}
