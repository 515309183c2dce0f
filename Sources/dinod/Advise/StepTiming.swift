import Crops
import Engine
import Recipe
import Schedule
import Support
import Trainer

/// The time of a recipe's step on this machine, with crops of its images made meanwhile.
struct StepTiming {
  /// The median seconds of a step.
  let seconds: Double

  /// Steps that are not counted, and those that are counted at least.
  private static let (warmUp, least) = (2, 5)
  /// The counted steps whose median is good enough, and the seconds that they take at least, since a machine
  /// may be busy for a moment.
  private static let (enough, moment) = (40, 2.0)
  /// The seconds after which no more steps are taken than are needed.
  private static let patience = 15.0

  /// Times steps of a recipe's first phase.
  init(_ recipe: Recipe, source: any ImageSource) throws {
    let plan = SchedulePlan(recipe)
    try self.init(plan.phases.phase(at: 1), of: plan, source: source)
  }

  /// Times steps of a phase. Throws if memory cannot be reserved or images cannot be read.
  init(_ phase: Phase, of plan: SchedulePlan, source: any ImageSource) throws {
    let recipe = phase.recipe
    let backend = try Backend(Backend.Choice(recipe))
    let trial = try TrialStep(
      phase, plan, frozenTeacher: nil, kernels: backend.makeKernels(nil))
    let split = try ProbeSplit(source, recipe: recipe)
    let loader = BatchLoader(recipe: recipe, source: split.training) { _ in }
    loader.start(batch: 1)
    defer { loader.stop() }
    var times: [Double] = []
    let began = Clock.monotonic()
    while true {
      let start = Clock.monotonic()
      for _ in 0..<recipe.train.accumulationSteps * recipe.train.world { _ = try loader.next() }
      _ = trial.seconds()
      times.append(Clock.monotonic() - start)
      let (counted, passed) = (times.count - Self.warmUp, Clock.monotonic() - began)
      if counted >= Self.enough, passed >= Self.moment { break }
      if counted >= Self.least, passed >= Self.patience { break }
    }
    let counted = times.dropFirst(Self.warmUp).sorted()
    seconds = counted[counted.count / 2]
  }
}
