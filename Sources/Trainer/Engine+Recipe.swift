import Kernels
import Optimiser
import Recipe

extension Engine {
  /// The engine of a recipe.
  package convenience init(
    _ recipe: Recipe, kernels: any Kernels, reserving: Bool = true
  ) throws(MemoryError) {
    let shape = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
    let optim = recipe.optim
    try self.init(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: shape.network.backbone.depth, layerwiseDecay: optim.layerwiseDecay,
          patchEmbedLrMult: optim.patchEmbedLrMult)
      }, beta1: optim.adamwBeta1, beta2: optim.adamwBeta2, kernels: kernels, reserving: reserving)
  }

  /// Bytes that the engine of a recipe would take.
  package static func arenaBytes(_ recipe: Recipe, kernels: any Kernels) -> Int {
    (try? Engine(recipe, kernels: kernels, reserving: false))?.arenaBytes ?? .max
  }
}
