/// A claim to be the only one who changes a run, or the end of one.
///
/// While somebody has control, changes that others ask for are refused. Everybody may watch, ask for
/// previews and write notes.
package struct Control: Sendable, Equatable {
  /// What is done with control.
  package enum Action: String, Sendable, CaseIterable {
    case take, release
  }

  package var action: Action
  /// How long control lasts after the holder's last change, in minutes; `nil` for an hour.
  package var minutes: Int?
  /// Whether it is taken from, or released in the place of, somebody else.
  package var isForced: Bool

  package init(_ action: Action, minutes: Int? = nil, isForced: Bool = false) {
    self.action = action
    self.minutes = minutes
    self.isForced = isForced
  }

  /// The minutes for which control lasts, if nothing else is said.
  package static let usualMinutes = 60
}
