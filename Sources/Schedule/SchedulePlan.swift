import Recipe
import Run

/// Everything that follows a schedule, live changes included: what any step used or will use.
///
/// A pure function of recipe and changes, so that a resumed run, a drawn curve and a what-if see the
/// same values as the run itself. A value type; whoever holds it owns it.
package struct SchedulePlan: Sendable {
  /// The phases, in which live changes to them are entered.
  package private(set) var phases: PhasePlan
  /// What each phase follows, in order.
  private var segments: [ScheduleSegment]
  private var entered = Adjustments()

  package init(_ recipe: Recipe) {
    phases = PhasePlan(recipe)
    segments = ScheduleSegment.all(phases)
  }

  /// The plan of a recipe with what a run's journal changed in it.
  package init(_ recipe: Recipe, journal: Journal) throws(RecipeError) {
    self.init(recipe)
    for entry in journal.inForce { try apply(entry) }
  }

  package var totalSteps: Int { phases.totalSteps }

  /// The live changes of schedules that any step feels, by rising step.
  package var adjustments: [Adjustment] { entered.all }

  /// The value that step `step` (from 1) uses.
  package func value(_ metric: Metric, at step: Int) -> Double {
    let phase = phases.phase(at: step)
    let segment = segments[phase.index]
    if metric == .lastLayerLr { return step <= segment.frozenUntil ? 0 : value(.lr, at: step) }
    let planned = segment.courses[metric]!.value(at: step)
    return entered.felt(metric, at: step, phaseStart: phase.first)?
      .value(at: step, planned: planned) ?? planned
  }

  /// All values of a step.
  package func values(at step: Int) -> [Metric: Double] {
    var values: [Metric: Double] = [.lastLayerLr: value(.lastLayerLr, at: step)]
    for metric in segments[0].courses.keys { values[metric] = value(metric, at: step) }
    return values
  }

  /// Changes a schedule from a step on; returns what was entered.
  @discardableResult
  package mutating func adjust(_ set: SetSchedule, from step: Int) -> Adjustment {
    // At the first step of a phase nothing is left of what the one before it used.
    let before = max(step - 1, phases.phase(at: step).first)
    let change = Adjustment(
      metric: set.metric, step: step, old: value(set.metric, at: before), new: set.value,
      over: set.over ?? 0)
    enter(change)
    return change
  }

  /// Lets phases begin at a step in place of what was planned from there on; changes to schedules
  /// that would be felt from there on go with it.
  package mutating func enter(_ definitions: [PhaseDefinition], at step: Int) throws(RecipeError) {
    try phases.enter(definitions, at: step)
    segments = ScheduleSegment.all(phases)
    entered.cut(from: step)
  }

  /// Enters what an entry of the journal changed. That a planned phase began follows from the recipe
  /// and changes nothing.
  private mutating func apply(_ entry: JournalEntry) throws(RecipeError) {
    switch (entry.change, entry.effect) {
    case (.set(let set), .from(let old)):
      enter(
        Adjustment(
          metric: set.metric, step: entry.step, old: old, new: set.value, over: set.over ?? 0))
    case (.phase, .phases(let definitions)) where !entry.isPlanned:
      try enter(PhaseDefinition.list(definitions), at: entry.step)
    default: break
    }
  }

  private mutating func enter(_ change: Adjustment) {
    entered.enter(change, phaseEnd: phases.phase(at: change.step).last)
  }
}

extension SchedulePlan {
  /// Curves of every adjustable schedule over the whole run, in some `points` points each.
  package func curves(points: Int = 240) -> [PlannedCurve] {
    Metric.adjustable.map { curve($0, points: points) }
  }

  /// The curve of one schedule over the whole run: evenly spread points, and the corners of live
  /// changes and phases, which these would cut off. However many changes there are, it has at most
  /// some six times as many points as asked for.
  package func curve(_ metric: Metric, points: Int = 240) -> PlannedCurve {
    let stride = max(1, totalSteps / points)
    var even = Array(Swift.stride(from: 1, through: totalSteps, by: stride))
    if even.last != totalSteps { even.append(totalSteps) }
    let corners =
      entered.list(metric).flatMap(\.corners) + phases.phases.flatMap { [$0.first - 1, $0.first] }
    let inside = Set(corners.filter { $0 >= 1 && $0 <= totalSteps }).sorted()
    let steps = Set(even + Self.thinned(inside, width: max(1, totalSteps / (2 * points)))).sorted()
    return PlannedCurve(
      metric: metric, steps: steps, values: steps.map { value(metric, at: $0) })
  }

  /// Of the steps within each stretch of `width` the first and the last, where there are more.
  private static func thinned(_ steps: [Int], width: Int) -> [Int] {
    var kept: [Int] = []
    for (index, step) in steps.enumerated() {
      let isFirst = index == 0 || steps[index - 1] / width != step / width
      let isLast = index == steps.count - 1 || steps[index + 1] / width != step / width
      if isFirst || isLast { kept.append(step) }
    }
    return kept
  }
}
