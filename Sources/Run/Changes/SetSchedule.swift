/// A change that moves a schedule to another value, or back to the recipe's schedule.
package struct SetSchedule: Sendable, Equatable {
  /// The schedule to move.
  package var metric: Metric
  /// The target value; `nil` to return to the recipe's schedule.
  package var value: Double?
  /// Steps over which the value moves linearly to the target; `nil` or 0 to jump at once.
  package var over: Int?
  /// The first step that the change affects; `nil` for the next one. The journal has no relative
  /// ones.
  package var start: ChangeStart?
  /// Whether a value is taken that would probably ruin the run.
  package var isForced: Bool

  package init(
    _ metric: Metric, to value: Double?, over: Int? = nil, at start: ChangeStart? = nil,
    isForced: Bool = false
  ) {
    self.metric = metric
    self.value = value
    self.over = over
    self.start = start
    self.isForced = isForced
  }
}
