import Crops
import Recipe
import Schedule

/// How long a run takes on this machine, by some steps of each phase that are measured.
struct PlannedTime {
  /// The median seconds of a step of each phase, and the phase's steps.
  let phases: [(name: String, stepSeconds: Double, steps: Int)]

  /// The seconds of all steps, without the probe and checkpoints.
  var seconds: Double { phases.reduce(0) { $0 + $1.stepSeconds * Double($1.steps) } }

  /// Measures steps. Throws if memory cannot be reserved or images cannot be read.
  init(_ recipe: Recipe) throws {
    let plan = SchedulePlan(recipe)
    phases = try plan.phases.phases.map { phase in
      tell("timing steps" + (plan.phases.phases.count > 1 ? " of phase \(phase.name)" : ""))
      let timing = try StepTiming(phase, of: plan, source: openSource(recipe: phase.recipe))
      return (phase.name, timing.seconds, phase.steps)
    }
  }
}
