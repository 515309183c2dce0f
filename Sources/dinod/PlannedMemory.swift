import KernelsCPU
import Recipe
import Tensor
import Trainer

extension RunMemory {
  /// The memory that a recipe's run takes on this machine's processor; a distillation's has a teacher.
  init(_ recipe: Recipe, teacher: FrozenTeacher?) {
    self.init(
      recipe, images: ImageFacts(recipe), frozenTeacher: teacher?.network
    ) { recipe, shape in
      let precision = ComputePrecision(recipe.train.computePrecision).precision
      return BackendMemory(
        roundsActivations: precision.roundsActivations,
        scratchBytes: CPUKernels.scratchBytes(
          for: shape.work, threads: WorkerPool.count(recipe.session.threads),
          precision: precision))
    }
  }
}
