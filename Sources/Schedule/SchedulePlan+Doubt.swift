import Run
import Support

extension SchedulePlan {
  /// Returns why a change of a schedule would probably ruin the run, in one line; `nil` if nothing
  /// speaks against it. A slip of the finger is meant, not an experiment: limits are far from what
  /// recipes use.
  package func doubt(about set: SetSchedule, at step: Int) -> String? {
    guard let range = values(of: set, at: step) else { return nil }
    let value = range.upperBound
    let number = Format.number(value)
    func beyond(_ factor: Double, _ harm: String) -> String? {
      let most = highest(set.metric, at: step)
      guard most > 0, value > factor * most else { return nil }
      return
        "\(set.metric.rawValue) \(number) is \(Format.number(value / most)) times the recipe's "
        + "highest, \(Format.number(most)), and would \(harm)"
    }
    switch set.metric {
    case .lr: return beyond(10, "ruin the weights within a few steps")
    case .weightDecay: return beyond(10, "shrink the weights to nothing")
    case .koleoLossWeight: return beyond(10, "leave only KoLeo")
    case .momentumTeacher where range.lowerBound < 0.9 && highest(set.metric, at: step) >= 0.9:
      return
        "with a momentum_teacher of \(Format.number(range.lowerBound)) the teacher is the student of some steps ago, and "
        + "both collapse"
    case .teacherTemp where value >= Self.studentTemperature:
      return "a teacher_temp of \(number) is not below the student's, "
        + "\(Format.number(Self.studentTemperature)): the targets would say nothing"
    default: return nil
    }
  }

  /// The temperature of the student's softmax, which is fixed (DINOv2's `student_temp`).
  private static let studentTemperature = 0.1

  /// Returns the highest value that the recipe plans for a schedule in the phase of a step.
  private func highest(_ metric: Metric, at step: Int) -> Double {
    range(metric, from: phases.phase(at: step).first).upperBound
  }

  /// Returns the values to which a change moves a schedule from a step on; `nil` if it returns to the
  /// recipe's.
  package func values(of set: SetSchedule, at step: Int) -> ClosedRange<Double>? {
    if let value = set.value { return value...value }
    guard let factor = set.factor else { return nil }
    let planned = range(set.metric, from: step)
    return factor * planned.lowerBound...factor * planned.upperBound
  }

  /// Returns the range of values that the recipe plans for a schedule from a step to the end of its
  /// phase.
  private func range(_ metric: Metric, from step: Int) -> ClosedRange<Double> {
    let last = phases.phase(at: step).last
    let stride = max(1, (last - step + 1) / 256)
    let values =
      Swift.stride(from: step, through: last, by: stride).map { planned(metric, at: $0) }
      + [planned(metric, at: last)]
    return values.min()!...values.max()!
  }
}
