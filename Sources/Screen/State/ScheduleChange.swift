import Run
import Support

/// A change of a schedule as a person types it: in the prompt and on the command line.
package struct ScheduleChange: Equatable, Sendable {
  package let metric: Metric
  /// Nil: back to the recipe's own schedule.
  package let value: Double?
  /// Steps from the old value to the new one; nil: at once.
  package let over: Int?

  /// Reads a change; an empty `over` means at once.
  package init(key: String, value: String, over: String) throws(ScheduleChangeError) {
    let names = Metric.adjustable.map(\.rawValue)
    guard let metric = Metric(rawValue: key), Metric.adjustable.contains(metric) else {
      let nearest = nearestName(to: key, among: names).map { "did you mean '\($0)'? " } ?? ""
      throw ScheduleChangeError(
        "'\(key)' cannot be set; \(nearest)adjustable: \(names.joined(separator: ", "))")
    }
    self.metric = metric
    if value == "recipe" {
      self.value = nil
    } else if let number = Double(value), number.isFinite {
      if let refusal = metric.refusal(of: number) { throw ScheduleChangeError(refusal) }
      self.value = number
    } else {
      throw ScheduleChangeError(
        value.isEmpty
          ? "give a number, or 'recipe' to return to the recipe's schedule"
          : "'\(value)' is not a number; give one such as 1e-4, or 'recipe'")
    }
    if over.isEmpty {
      self.over = nil
    } else if let steps = Int(over), steps >= 0 {
      self.over = steps
    } else {
      throw ScheduleChangeError("'\(over)' is not a number of steps")
    }
  }

  /// `lr to 1e-4 over 500 steps`
  package var summary: String {
    let target = value.map { "to \(Format.number($0))" } ?? "back to the recipe"
    let span = over.map { $0 == 0 ? "" : " over \(Format.count($0)) steps" } ?? ""
    return "\(metric.rawValue) \(target)\(span)"
  }
}

/// Why a change cannot be: one line that says how to do it right.
package struct ScheduleChangeError: Error, Equatable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
