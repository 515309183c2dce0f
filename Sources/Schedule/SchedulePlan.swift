import Run
import Recipe

/// Everything that follows a schedule, live changes included: what any step used or will use.
///
/// A pure function of recipe and changes, so that a resumed run and a drawn curve see the same
/// values as the run itself.
package struct SchedulePlan: Sendable {
  /// A change that a person made while the run went on. It belongs to the phase in which it is first
  /// felt and ends with it.
  package struct Adjustment: Sendable, Equatable {
    package var metric: Metric
    /// The first step that feels it, from 1.
    package var step: Int
    /// The value that it starts from.
    package var old: Double
    /// Where it goes and stays; nil: back onto the recipe's course.
    package var new: Double?
    /// Steps from one to the other; 0 or 1: at once.
    package var over: Int

    package init(metric: Metric, step: Int, old: Double, new: Double?, over: Int) {
      self.metric = metric
      self.step = step
      self.old = old
      self.new = new
      self.over = over
    }
  }

  /// The phases, in which live changes to them are entered.
  package private(set) var phases: PhasePlan
  /// What each phase follows, in order.
  private var segments: [ScheduleSegment]
  /// In the order in which they were made; of two for one metric the last counts.
  package private(set) var adjustments: [Adjustment] = []

  package init(_ recipe: Recipe) {
    phases = PhasePlan(recipe)
    segments = ScheduleSegment.all(phases)
  }

  package var totalSteps: Int { phases.totalSteps }

  /// The value that step `step` (from 1) uses.
  package func value(_ metric: Metric, at step: Int) -> Double {
    let phase = phases.phase(at: step)
    let segment = segments[phase.index]
    if metric == .lastLayerLr { return step <= segment.frozenUntil ? 0 : value(.lr, at: step) }
    let planned = segment.courses[metric]!.value(at: step)
    return adjustments.reduce(planned) { value, change in
      guard change.metric == metric && step >= change.step && change.step >= phase.first else {
        return value
      }
      let progress = min(1, Double(step - change.step + 1) / Double(max(change.over, 1)))
      return change.old + ((change.new ?? planned) - change.old) * progress
    }
  }

  /// All values of a step.
  package func values(at step: Int) -> [Metric: Double] {
    var values: [Metric: Double] = [.lastLayerLr: value(.lastLayerLr, at: step)]
    for metric in segments[0].courses.keys { values[metric] = value(metric, at: step) }
    return values
  }

  /// Changes a schedule from a step on; returns what was entered.
  @discardableResult
  package mutating func adjust(
    _ metric: Metric, to value: Double?, over: Int, from step: Int
  ) -> Adjustment {
    // At the first step of a phase nothing is left of what the one before it used.
    let before = max(step - 1, phases.phase(at: step).first)
    let change = Adjustment(
      metric: metric, step: step, old: self.value(metric, at: before), new: value, over: over)
    adjustments.append(change)
    return change
  }

  /// Enters a change that was made before, as the journal has it.
  package mutating func replay(_ change: Adjustment) { adjustments.append(change) }

  /// Lets phases begin at a step in place of what was planned from there on; changes to schedules
  /// that would be felt from there on go with it.
  package mutating func enter(_ definitions: [PhaseDefinition], at step: Int) throws(RecipeError) {
    try phases.enter(definitions, at: step)
    segments = ScheduleSegment.all(phases)
    adjustments.removeAll { $0.step >= step }
  }

  /// Curves of every adjustable schedule over the whole run, in at most `points` points each.
  package func curves(points: Int = 240) -> [PlannedCurve] {
    let stride = max(1, totalSteps / points)
    var steps = Array(Swift.stride(from: 1, through: totalSteps, by: stride))
    if steps.last != totalSteps { steps.append(totalSteps) }
    // The corners of a live change and of a phase, where a thinned curve would cut them off.
    let corners =
      adjustments.flatMap { [$0.step - 1, $0.step, $0.step + max($0.over, 1) - 1] }
      + phases.phases.flatMap { [$0.first - 1, $0.first] }
    steps = Set(steps + corners.filter { $0 >= 1 && $0 <= totalSteps }).sorted()
    return Metric.adjustable.map { metric in
      PlannedCurve(metric: metric, steps: steps, values: steps.map { value(metric, at: $0) })
    }
  }
}
