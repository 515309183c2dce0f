import Crops
import Metrics
import Model
import Recipe

extension StepInput {
  /// Crops with what a recipe masks and drops of them; a function of the batch's number and of the
  /// scheduled values. A distillation masks nothing.
  init(
    globalCrops: [Float], localCrops: [Float], batch: Int, _ recipe: Recipe, _ shape: EngineShape,
    _ values: [Metric: Double]
  ) {
    let masks = MaskGenerator(seed: recipe.train.seed)
    self.init(
      globalCrops: globalCrops, localCrops: localCrops,
      masks: recipe.isDistilled
        ? nil
        : masks.masks(
          batch: batch, crops: shape.counts.global, rows: shape.globalCrops.rows,
          columns: shape.globalCrops.columns, ratioMin: values[.maskRatioMin]!,
          ratioMax: values[.maskRatioMax]!, probability: recipe.ibot.maskSampleProbability),
      keep: StochasticDepth.draw(
        rates: recipe.dropPathRates, seed: recipe.train.seed, batch: batch,
        groups: shape.studentGroups))
  }
}
