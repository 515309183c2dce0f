import Kernels
import Model
import Optimiser
import Recipe

extension Engine {
  /// Plans and reserves the memory for a recipe. A distillation also needs the network of its frozen
  /// teacher.
  package convenience init(
    _ recipe: Recipe, frozenTeacher: NetworkShape? = nil, kernels: any Kernels
  ) throws(MemoryError) {
    let shape = EngineShape(
      recipe, maskRatioMax: recipe.ibot.maskRatioMax, frozenTeacher: frozenTeacher,
      place: kernels.collectives.place)
    let optim = recipe.optim
    try self.init(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: $0.depth, layerwiseDecay: optim.layerwiseDecay,
          patchEmbedLrMult: optim.patchEmbedLrMult, frozen: shape.frozen)
      }, beta1: optim.adamwBeta1, beta2: optim.adamwBeta2, kernels: kernels)
  }
}
