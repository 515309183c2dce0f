/// The range of numbers that a key accepts.
package struct Limits: Sendable, Equatable, CustomStringConvertible {
  /// The bounds.
  package var lower = -Double.greatestFiniteMagnitude
  package var upper = Double.greatestFiniteMagnitude
  /// Whether the bounds themselves are allowed.
  package var includesLower = true
  package var includesUpper = true

  /// Every number.
  package static let any = Limits()

  /// Numbers from a bound on.
  package static func atLeast(_ lower: Double) -> Limits { Limits(lower: lower) }

  /// Numbers above a bound.
  package static func above(_ lower: Double) -> Limits {
    Limits(lower: lower, includesLower: false)
  }

  /// Numbers between two bounds, which are allowed too.
  package static func from(_ lower: Double, to upper: Double) -> Limits {
    Limits(lower: lower, upper: upper)
  }

  /// Numbers from a bound on and below another.
  package static func from(_ lower: Double, below upper: Double) -> Limits {
    Limits(lower: lower, upper: upper, includesUpper: false)
  }

  /// Numbers above a bound, up to another.
  package static func above(_ lower: Double, to upper: Double) -> Limits {
    Limits(lower: lower, upper: upper, includesLower: false)
  }

  /// Returns whether a number is still within the limits as a `Float`, the type that is computed
  /// with. Rounding can move a number onto a bound that is not allowed, or make it infinite.
  package func containSingle(_ value: Double) -> Bool {
    let single = Float(value)
    return single.isFinite && (includesLower || single > Float(lower))
      && (includesUpper || single < Float(upper))
  }

  /// Returns whether a number is within the limits. Numbers that are not finite never are.
  package func contain(_ value: Double) -> Bool {
    value.isFinite && (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }

  /// The limits in words, such as `at least 0`, `from 0 to 1` or `above 0 and at most 1`; empty if
  /// every number is allowed.
  package var description: String {
    let hasLower = lower > -Double.greatestFiniteMagnitude
    let hasUpper = upper < Double.greatestFiniteMagnitude
    if hasLower && hasUpper && includesLower && includesUpper {
      return "from \(lower.yaml) to \(upper.yaml)"
    }
    let from = hasLower ? (includesLower ? "at least " : "above ") + lower.yaml : nil
    let to = hasUpper ? (includesUpper ? "at most " : "below ") + upper.yaml : nil
    return [from, to].compactMap { $0 }.joined(separator: " and ")
  }
}
