/// A change that goes back to a checkpoint of the present phase. The steps after it are computed again,
/// and what was changed stays changed.
package struct Rewind: Sendable, Equatable {
  /// The step of the checkpoint; `nil` for the newest one that is known to be good.
  package var to: Int?
  /// How a schedule moves from the first step on that is computed again; `nil` if none does. Without
  /// such a change the same steps come to the same results. In a request a factor is one on what the
  /// schedule had there; in the journal it is one on the recipe's schedule, as in any change.
  package var set: SetSchedule?

  package init(to: Int? = nil, set: SetSchedule? = nil) {
    self.to = to
    self.set = set
  }
}
