import Engine
import Foundation
import KernelsCPU
import Model
import Objective
import Optimiser
import Store
import Support
import Tensor
import TestSupport
import Testing

@Suite("The engine's state goes to a checkpoint and comes back")
struct EngineStateTests {
  private func engine(embedDim: Int = 24, _ method: CenteringMethod = .centering) throws -> Engine {
    try Engine(
      EngineShape(
        network: NetworkShape(
          backbone: BackboneShape(
            embedDim: embedDim, depth: 1, numHeads: 2, patchSize: 4, grid: 3, hiddenWidth: 32),
          dinoHead: HeadShape(inputs: embedDim, hidden: 16, bottleneck: 8, prototypes: 20),
          ibotHead: nil),
        counts: CropCounts(images: 2, localCrops: 1), globalCropsSize: 12, localCropsSize: 8,
        maskedPatches: 20, centering: method),
      groups: { ParameterGroups(layout: $0, depth: 1, layerwiseDecay: 1, patchEmbedLrMult: 1) },
      kernels: CPUKernels(pool: WorkerPool(threads: 1)))
  }

  private func step(_ engine: Engine, _ number: Int) {
    var random = CounterRandom(seed: 5, use: .test, number)
    var masks = [Int32](repeating: 0, count: 36)
    masks[3] = 1
    _ = engine.step(
      StepInput(
        globalCrops: (0..<4 * 3 * 144).map { _ in random.normal() },
        localCrops: (0..<2 * 3 * 64).map { _ in random.normal() }, masks: masks),
      StepValues(
        lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0.1, momentum: 0.9, teacherTemp: 0.05,
        clipGrad: 3, weights: LossWeights()))
  }

  private func state(_ engine: Engine) -> [[Float]] {
    [Engine.Part.student, .teacher, .expAvg, .expAvgSq].map { engine.values(of: $0) }
      + [engine.centers["dino"] ?? [], engine.centers["ibot"] ?? []]
  }

  private func store() -> (CheckpointStore, TemporaryFolder) {
    let folder = TemporaryFolder()
    return (CheckpointStore(directory: folder.path), folder)
  }

  @Test("steps after a reload give the same bits as steps without one")
  func continued() throws {
    let (store, folder) = store()
    defer { withExtendedLifetime(folder) {} }
    let first = try engine()
    first.initialise(seed: 3)
    for number in 1...3 { step(first, number) }
    let checkpoint = try store.write(step: 3) { (writer) throws(FileError) in
      try first.write(to: writer)
    }
    let second = try engine()
    try second.load(checkpoint)
    #expect(state(first) == state(second) && second.updates == 3)
    #expect(first.centers["dino"]?.contains { $0 != 0 } == true)
    for number in 4...6 {
      step(first, number)
      step(second, number)
    }
    #expect(state(first) == state(second))
  }

  @Test("a checkpoint of another architecture is refused, naming the tensor")
  func refused() throws {
    let (store, folder) = store()
    defer { withExtendedLifetime(folder) {} }
    let small = try engine()
    let checkpoint = try store.write(step: 1) { (writer) throws(FileError) in
      try small.write(to: writer)
    }
    let large = try engine(embedDim: 32)
    do {
      try large.load(checkpoint)
      Issue.record("a checkpoint of width 24 was taken for one of 32")
    } catch {
      #expect(error.description.contains("backbone.cls_token"))
    }
  }
}
