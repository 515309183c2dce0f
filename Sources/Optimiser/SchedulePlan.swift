import Metrics
import Recipe

/// Everything that follows a schedule, live changes included: what any step used or will use.
///
/// A pure function of recipe and changes, so that a resumed run and a drawn curve see the same
/// values as the run itself.
package struct SchedulePlan: Sendable {
  /// A change that a person made while the run went on.
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

  private let courses: [Metric: Schedule]
  private let freezeLastLayerSteps: Int
  package let totalSteps: Int
  /// In the order in which they were made; of two for one metric the last counts.
  package private(set) var adjustments: [Adjustment] = []

  package init(_ recipe: Recipe) {
    let total = recipe.totalSteps
    totalSteps = total
    freezeLastLayerSteps = recipe.freezeLastLayerSteps
    let teacher = recipe.teacher
    courses = [
      .lr: .cosine(
        base: recipe.scaledLr, final: recipe.optim.minLr, total: total,
        warmup: min(recipe.warmupSteps, total)),
      .weightDecay: .cosine(
        base: recipe.optim.weightDecay, final: recipe.optim.weightDecayEnd, total: total),
      .momentumTeacher: .cosine(
        base: teacher.momentumTeacher, final: teacher.finalMomentumTeacher, total: total),
      .teacherTemp: .cosine(
        base: teacher.teacherTemp, final: teacher.teacherTemp,
        total: recipe.warmupTeacherTempSteps, warmup: recipe.warmupTeacherTempSteps,
        start: teacher.warmupTeacherTemp),
      .koleoLossWeight: .constant(recipe.dino.koleoLossWeight),
      .clipGrad: .constant(recipe.optim.clipGrad),
      .maskRatioMin: .constant(recipe.ibot.maskRatioMin),
      .maskRatioMax: .constant(recipe.ibot.maskRatioMax),
    ]
  }

  /// The value that step `step` (from 1) uses.
  package func value(_ metric: Metric, at step: Int) -> Double {
    if metric == .lastLayerLr { return step <= freezeLastLayerSteps ? 0 : value(.lr, at: step) }
    let planned = courses[metric]!.value(at: step - 1)
    return adjustments.reduce(planned) { value, change in
      guard change.metric == metric && step >= change.step else { return value }
      let progress = min(1, Double(step - change.step + 1) / Double(max(change.over, 1)))
      return change.old + ((change.new ?? planned) - change.old) * progress
    }
  }

  /// All values of a step.
  package func values(at step: Int) -> [Metric: Double] {
    var values: [Metric: Double] = [.lastLayerLr: value(.lastLayerLr, at: step)]
    for metric in courses.keys { values[metric] = value(metric, at: step) }
    return values
  }

  /// Changes a schedule from a step on; returns what was entered.
  @discardableResult
  package mutating func adjust(
    _ metric: Metric, to value: Double?, over: Int, from step: Int
  ) -> Adjustment {
    let change = Adjustment(
      metric: metric, step: step, old: self.value(metric, at: max(step - 1, 1)), new: value,
      over: over)
    adjustments.append(change)
    return change
  }

  /// Enters a change that was made before, as the journal has it.
  package mutating func replay(_ change: Adjustment) { adjustments.append(change) }

  /// Curves of every adjustable schedule over the whole run, in at most `points` points each.
  package func curves(points: Int = 240) -> [PlannedCurve] {
    let stride = max(1, totalSteps / points)
    var steps = Array(Swift.stride(from: 1, through: totalSteps, by: stride))
    if steps.last != totalSteps { steps.append(totalSteps) }
    // The corners of a live change, where a thinned curve would cut them off.
    let corners = adjustments.flatMap { [$0.step - 1, $0.step, $0.step + max($0.over, 1) - 1] }
    steps = Set(steps + corners.filter { $0 >= 1 && $0 <= totalSteps }).sorted()
    return Metric.adjustable.map { metric in
      PlannedCurve(metric: metric, steps: steps, values: steps.map { value(metric, at: $0) })
    }
  }
}
