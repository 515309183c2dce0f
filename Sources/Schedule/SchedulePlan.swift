import Settings
import Recipe
import Run

/// The values of all schedules, including live changes, that any step used or will use.
///
/// This is a pure function of the recipe and the changes, so a resumed run, a plotted curve and a
/// preview see the same values as the run itself. It is a value type; whoever holds a copy owns
/// it.
package struct SchedulePlan: Sendable {
  /// The phases, including those that were begun by live changes.
  package private(set) var phases: PhasePlan
  /// The schedules of each phase, in order.
  private var segments: [ScheduleSegment]
  private var entered = Adjustments()

  /// Creates the plan of a recipe without live changes.
  package init(_ recipe: Recipe) {
    phases = PhasePlan(recipe)
    segments = ScheduleSegment.all(phases)
  }

  /// Creates the plan of a recipe with the changes of a run's journal.
  package init(_ recipe: Recipe, journal: Journal) throws(SettingError) {
    self.init(recipe)
    for entry in journal.inForce { try apply(entry) }
  }

  /// The number of steps in the whole run.
  package var totalSteps: Int { phases.totalSteps }

  /// The live changes that affect any step, by ascending step.
  package var adjustments: [Adjustment] { entered.all }

  /// Returns the value that a step uses, counted from 1.
  package func value(_ metric: Metric, at step: Int) -> Double {
    let segment = segments[phases.phase(at: step).index]
    if metric == .lastLayerLr { return step <= segment.frozenUntil ? 0 : value(.lr, at: step) }
    let planned = planned(metric, at: step)
    return adjustment(metric, at: step)?.value(at: step, planned: planned) ?? planned
  }

  /// Returns the value that the recipe plans for a step, counted from 1, without live changes.
  package func planned(_ metric: Metric, at step: Int) -> Double {
    segments[phases.phase(at: step).index].schedules[metric]!.value(at: step)
  }

  /// Returns the live change that a step feels; `nil` if it follows the recipe.
  package func adjustment(_ metric: Metric, at step: Int) -> Adjustment? {
    entered.inEffect(metric, at: step, phaseStart: phases.phase(at: step).first)
  }

  /// Returns the values of all schedules at a step, counted from 1.
  package func values(at step: Int) -> [Metric: Double] {
    var values: [Metric: Double] = [.lastLayerLr: value(.lastLayerLr, at: step)]
    for metric in segments[0].schedules.keys { values[metric] = value(metric, at: step) }
    return values
  }

  /// Changes a schedule from `step` on. Returns the adjustment that was added.
  @discardableResult
  package mutating func adjust(_ set: SetSchedule, from step: Int) -> Adjustment {
    // The first step of a phase starts from this phase's value and not from the previous phase's.
    let before = max(step - 1, phases.phase(at: step).first)
    let change = Adjustment(set, from: step, old: value(set.metric, at: before))
    enter(change)
    return change
  }

  /// Replaces everything planned from `step` on by the given phases. Changes to schedules that
  /// begin there or later are dropped. On an error nothing changes.
  package mutating func enter(_ definitions: [PhaseDefinition], at step: Int) throws(SettingError) {
    try phases.enter(definitions, at: step)
    segments = ScheduleSegment.all(phases)
    entered.cut(from: step)
  }

  /// Applies an entry of the journal. An entry for a planned phase changes nothing, since it
  /// follows from the recipe.
  private mutating func apply(_ entry: JournalEntry) throws(SettingError) {
    if let set = entry.set, case .from(let old) = entry.effect {
      enter(Adjustment(set, from: entry.step, old: old))
    }
    switch (entry.change, entry.effect) {
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
  /// Returns the curves of all adjustable schedules over the whole run, with about `points` points
  /// each.
  package func curves(points: Int = 240) -> [PlannedCurve] {
    Metric.adjustable.map { curve($0, points: points) }
  }

  /// Returns the curve of one schedule over the whole run: evenly spread points, and the corners
  /// of live changes and phases, which those points would miss. It has at most about six times as
  /// many points as asked for, however many changes there are.
  package func curve(_ metric: Metric, points: Int = 240) -> PlannedCurve {
    let stride = max(1, totalSteps / points)
    var even = Array(Swift.stride(from: 1, through: totalSteps, by: stride))
    if even.last != totalSteps { even.append(totalSteps) }
    let corners =
      entered.list(metric).flatMap(\.corners) + phases.phases.flatMap { [$0.first - 1, $0.first] }
    let inside = Set(corners.filter { $0 >= 1 && $0 <= totalSteps }).sorted()
    let shown =
      inside.count <= 2 * points
      ? inside : Self.thinned(inside, width: max(1, totalSteps / (2 * points)))
    let steps = Set(even + shown).sorted()
    return PlannedCurve(
      metric: metric, steps: steps, values: steps.map { value(metric, at: $0) })
  }

  /// Returns the first and the last of the steps within each stretch of `width`.
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
