import KernelsCPU
import Recipe
import Tensor
import Trainer

extension RunMemory {
  /// The memory that a recipe's run takes on this machine's processor.
  init(_ recipe: Recipe) {
    self.init(recipe, images: ImageFacts(recipe)) { recipe, shape in
      let precision = ComputePrecision(recipe.train.computePrecision).precision
      return BackendMemory(
        roundsActivations: precision.roundsActivations,
        scratchBytes: CPUKernels.scratchBytes(
          for: shape.work, threads: WorkerPool.count(recipe.session.threads),
          precision: precision))
    }
  }
}
