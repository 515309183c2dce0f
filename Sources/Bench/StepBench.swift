import Crops
import Engine
import Kernels
import Model
import Recipe
import Support
import Tensor

/// Times the training step of a recipe on random crops: the engine alone, without decoding.
///
/// The work is the same as in the PyTorch reference: the recipe's share of the global crops is
/// masked, and stochastic depth is drawn anew at each step.
package struct StepBench {
  /// The duration, the work and the memory of a step.
  package struct Result: Sendable {
    /// The seconds, the parts and the floating-point operations of the step with the median
    /// duration. The first step does not count.
    package var seconds: Double
    package var times: StepTimes
    package var flops: Double
    /// Bytes of the engine's arena.
    package var arenaBytes: Int
  }

  private let recipe: Recipe
  private let engine: Engine

  /// Reserves the engine's memory and initialises its parameters at random.
  package init(_ recipe: Recipe, kernels: any Kernels) throws(MemoryError) {
    self.recipe = recipe
    engine = try Engine(recipe, kernels: kernels)
    engine.initialise(seed: recipe.train.seed)
  }

  /// Runs one step to touch all memory, then the timed `steps`, of which there must be at least
  /// one.
  package func run(steps: Int) -> Result {
    var outcomes: [StepOutcome] = []
    for number in 0...steps {
      let outcome = step(number)
      if number > 0 { outcomes.append(outcome) }
    }
    let sorted = outcomes.sorted { $0.times.total < $1.times.total }
    let middle = sorted[sorted.count / 2]
    return Result(
      seconds: middle.times.total, times: middle.times, flops: middle.flops,
      arenaBytes: engine.arenaBytes)
  }

  /// Computes a step.
  private func step(_ number: Int) -> StepOutcome {
    engine.step(engine.shape.ranks.local.map { _ in input(number) }, values)
  }

  /// Computes a step. Returns its seconds, with all that the engine does for it.
  @discardableResult
  func secondsOfStep(_ number: Int) -> Double {
    let inputs = engine.shape.ranks.local.map { _ in input(number) }
    let began = Clock.monotonic()
    _ = engine.step(inputs, values)
    return Clock.monotonic() - began
  }

  private var values: StepValues {
    StepValues(
      lr: 1e-4, lastLayerLr: 0, weightDecay: recipe.optim.weightDecay,
      momentum: recipe.teacher.momentumTeacher, teacherTemp: 0.05,
      clipGrad: recipe.optim.clipGrad, weights: .init())
  }

  private func input(_ step: Int) -> StepInput {
    let shape = engine.shape
    var random = CounterRandom(seed: 0, use: .test, step)
    func normal(_ group: CropGroup) -> [Float] {
      return (0..<group.patches * shape.network.backbone.patchElements).map { _ in random.normal() }
    }
    return StepInput(
      globalCrops: normal(shape.globalCrops),
      localCrops: shape.counts.local > 0 ? normal(shape.localCrops) : [],
      masks: MaskGenerator(seed: 0).masks(
        batch: step, crops: shape.counts.global, rows: shape.globalCrops.rows,
        columns: shape.globalCrops.columns, ratioMin: recipe.ibot.maskRatioMin,
        ratioMax: recipe.ibot.maskRatioMax, probability: recipe.ibot.maskSampleProbability),
      keep: StochasticDepth.draw(
        rates: recipe.dropPathRates, seed: 0, batch: step,
        groups: shape.studentGroups))
  }
}
