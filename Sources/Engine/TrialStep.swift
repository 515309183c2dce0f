import Crops
import Kernels
import Model
import Optimiser
import Recipe
import Run
import Schedule
import Support
import Tensor

/// Steps of a phase on an engine of its own with random weights and random crops, to time them.
package final class TrialStep {
  private let engine: Engine
  private let phase: Phase
  private let values: [Metric: Double]
  private let inputs: [StepInput]

  /// Reserves an engine for a phase and makes random crops. Throws if there is not enough memory.
  ///
  /// - Parameter processes: the number of processes that share the ranks; the step is that of one, without
  ///   communication.
  package init(
    _ phase: Phase, _ plan: SchedulePlan, frozenTeacher: NetworkShape?, processes: Int = 1,
    kernels: any Kernels
  ) throws {
    var recipe = phase.recipe
    recipe.train.world /= processes
    self.phase = phase
    engine = try Engine(recipe, frozenTeacher: frozenTeacher, kernels: kernels)
    engine.initialise(seed: recipe.train.seed)
    if let frozenTeacher {
      engine.set(.teacher, to: frozenTeacher.layout.initialValues(seed: recipe.train.seed))
    }
    values = plan.values(at: phase.first)
    let shape = engine.shape
    func noise(_ group: CropGroup) -> [Float] {
      var random = CounterRandom(seed: 0, use: .crop)
      return (0..<group.patches * shape.network.backbone.patchElements).map { _ in
        random.uniform(-2, 2)
      }
    }
    let input = StepInput(
      globalCrops: noise(shape.globalCrops),
      localCrops: shape.counts.local > 0 ? noise(shape.localCrops) : [], batch: 1, recipe,
      shape, values)
    inputs = shape.ranks.local.map { _ in input }
  }

  /// Makes two steps, and returns how long the parts of the second took.
  package func parts() -> [StepPart] {
    _ = seconds()
    let trace = StepTrace()
    engine.trace = trace
    _ = seconds()
    engine.trace = nil
    return StepPart.parts(trace.spans([]), ParameterUnits(engine.layout, engine.shape.ranks))
  }

  /// Makes a step and returns the seconds that it took.
  package func seconds() -> Double {
    let began = Clock.monotonic()
    _ = engine.step(
      StepValues(values, phase.recipe), batches: phase.recipe.train.accumulationSteps
    ) { _ in inputs }
    return Clock.monotonic() - began
  }
}
