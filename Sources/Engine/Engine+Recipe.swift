import Kernels
import Model
import Optimiser
import Recipe

extension Engine {
  /// The engine of a recipe, in memory that is planned and reserved here; a distillation's needs its
  /// frozen teacher's network.
  package convenience init(
    _ recipe: Recipe, frozenTeacher: NetworkShape? = nil, kernels: any Kernels
  ) throws(MemoryError) {
    let shape = EngineShape(
      recipe, maskRatioMax: recipe.ibot.maskRatioMax, frozenTeacher: frozenTeacher)
    let optim = recipe.optim
    try self.init(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: $0.depth, layerwiseDecay: optim.layerwiseDecay,
          patchEmbedLrMult: optim.patchEmbedLrMult)
      }, beta1: optim.adamwBeta1, beta2: optim.adamwBeta2, kernels: kernels)
  }
}
