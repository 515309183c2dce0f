import Crops
import Run
import Model
import Objective
import Recipe

extension StepInput {
  /// Crops with the masks and the sequences of stochastic depth that a recipe draws for the number of the
  /// batch and the scheduled values. A distillation has no masks.
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
  /// The values of a step, from the schedules.
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
