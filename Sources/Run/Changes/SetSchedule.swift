/// A change that moves a schedule to another value, or back to the recipe's schedule.
package struct SetSchedule: Sendable, Equatable {
  /// The schedule to move.
  package var metric: Metric
  /// The target value; `nil` to return to the recipe's schedule.
  package var value: Double?
  /// Steps over which the value moves linearly to the target; `nil` or 0 to jump at once.
  package var over: Int?

  package init(_ metric: Metric, to value: Double?, over: Int? = nil) {
    self.metric = metric
    self.value = value
    self.over = over
  }
}
