import Crops
import Run
import Model
import Objective
import Recipe

extension StepInput {
  /// Crops with what a recipe masks and drops of them; a function of the batch's number and of the
  /// scheduled values. A distillation masks nothing.
  package init(
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

extension StepValues {
  /// A step's values, as the schedules give them.
  package init(_ values: [Metric: Double], _ recipe: Recipe) {
    self.init(
      lr: values[.lr]!, lastLayerLr: values[.lastLayerLr]!, weightDecay: values[.weightDecay]!,
      momentum: values[.momentumTeacher]!, teacherTemp: values[.teacherTemp]!,
      clipGrad: values[.clipGrad]!,
      weights: LossWeights(
        dino: Float(recipe.dino.lossWeight), koleo: Float(values[.koleoLossWeight]!),
        ibot: Float(recipe.ibot.lossWeight)))
  }
}
