import Kernels
import Optimiser
import Recipe

extension Engine {
  /// The engine of a recipe, in memory that is planned and reserved here.
  package convenience init(_ recipe: Recipe, kernels: any Kernels) throws(MemoryError) {
    let shape = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
    let optim = recipe.optim
    try self.init(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: shape.network.backbone.depth, layerwiseDecay: optim.layerwiseDecay,
          patchEmbedLrMult: optim.patchEmbedLrMult)
      }, beta1: optim.adamwBeta1, beta2: optim.adamwBeta2, kernels: kernels)
  }
}
