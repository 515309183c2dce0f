/// When a change begins.
package enum ChangeStart: Sendable, Equatable {
  /// With this step of the run.
  case at(Int)
  /// So many steps after the next one.
  case after(Int)

  /// Reads a step, or a number of steps with a plus sign. Returns `nil` for anything else.
  package init?(_ text: String) {
    guard let number = Int(text), number >= 0 else { return nil }
    self = text.hasPrefix("+") ? .after(number) : .at(number)
  }
}
