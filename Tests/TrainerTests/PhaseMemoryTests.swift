import Foundation
import History
import Kernels
import KernelsCPU
import Recipe
import Tensor
import TestSupport
import Testing
import Trainer

@Suite("Memory of a run in phases")
struct PhaseMemoryTests {
  /// Counts the backends that are alive each time another one is made.
  private final class Watch {
    private final class Made {
      weak var kernels: CPUKernels?
      init(_ kernels: CPUKernels) { self.kernels = kernels }
    }
    private var made: [Made] = []
    private(set) var alive: [Int] = []

    func make() -> any Kernels & PairKernels {
      alive.append(made.count { $0.kernels != nil })
      let kernels = CPUKernels(pool: WorkerPool(threads: 1))
      made.append(Made(kernels))
      return kernels
    }
  }

  @Test("a phase's memory is given back before the next one's is taken")
  func released() throws {
    let recipe = try Recipe.parse(
      yaml: """
        student: {arch: custom, embed_dim: 16, depth: 1, num_heads: 2, patch_size: 4}
        crops: {global_crops_size: 12, local_crops_size: 8, local_crops_number: 1}
        dino: {head_n_prototypes: 16, head_hidden_dim: 8, head_bottleneck_dim: 8}
        train: {batch_size_per_gpu: 2, OFFICIAL_EPOCH_LENGTH: 2, num_workers: 1}
        optim: {epochs: 1, warmup_epochs: 0}
        data: {embedded_size: 16, embedded_images: 20}
        probe: {every: 0}
        phases: [{name: low}, {name: high, steps: 3, crops: {global_crops_size: 20}}]

        """, name: "r.yaml")
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let watch = Watch()
    let trainer = try Trainer(
      recipe: recipe, directory: RunDirectory(name: "moths", parent: folder.path), program: "test",
      mailbox: ChangeMailbox(), makeKernels: { _ in watch.make() })
    #expect(try trainer.run() == .finished && trainer.step == 5)
    // For the first phase, to check that the second fits (while the first is in memory), and for
    // the second.
    #expect(watch.alive == [0, 1, 0])
  }
}
