import Run
import Recipe

/// The schedules within a phase.
struct ScheduleSegment: Sendable {
  /// A schedule and the step at which it begins.
  struct ActiveSchedule: Sendable {
    var schedule: Schedule
    var first: Int

    /// Returns the value at a step of the run.
    func value(at step: Int) -> Double { schedule.value(at: step - first) }
  }

  var schedules: [Metric: ActiveSchedule]
  /// The last step in which the prototypes are frozen.
  var frozenUntil: Int

  /// Returns a segment for each phase. A schedule that the phase compresses begins anew; every
  /// other schedule continues that of the previous phase.
  static func all(_ plan: PhasePlan) -> [ScheduleSegment] {
    var segments: [ScheduleSegment] = []
    for phase in plan.phases {
      var segment = ScheduleSegment(phase)
      if let previous = segments.last {
        let going = Set(PhaseSchedule.allCases).subtracting(phase.definition.compress)
        for schedule in going {
          segment.schedules[schedule.metric] = previous.schedules[schedule.metric]
        }
        if going.contains(.lr) { segment.frozenUntil = previous.frozenUntil }
      }
      segments.append(segment)
    }
    return segments
  }

  private init(_ phase: Phase) {
    schedules = Self.schedules(phase.recipe).mapValues {
      ActiveSchedule(schedule: $0, first: phase.first)
    }
    frozenUntil = phase.first - 1 + phase.recipe.freezeLastLayerSteps
  }

  private static func schedules(_ recipe: Recipe) -> [Metric: Schedule] {
    let total = recipe.totalSteps
    let teacher = recipe.teacher
    return [
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
}

extension PhaseSchedule {
  fileprivate var metric: Metric {
    switch self {
    case .lr: .lr
    case .weightDecay: .weightDecay
    case .momentumTeacher: .momentumTeacher
    case .teacherTemp: .teacherTemp
    }
  }
}
