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

  /// Returns the step with which a change begins that is made after a step.
  package func step(after present: Int) -> Int {
    switch self {
    case .at(let step): step
    case .after(let steps): present + 1 + steps
    }
  }
}
