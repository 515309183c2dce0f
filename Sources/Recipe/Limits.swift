/// The numbers that a key may have.
package struct Limits: Sendable, Equatable, CustomStringConvertible {
  package var lower = -Double.greatestFiniteMagnitude
  package var upper = Double.greatestFiniteMagnitude
  /// Whether the ends themselves are allowed.
  package var includesLower = true
  package var includesUpper = true

  static let any = Limits()

  static func atLeast(_ lower: Double) -> Limits { Limits(lower: lower) }

  static func above(_ lower: Double) -> Limits { Limits(lower: lower, includesLower: false) }

  static func from(_ lower: Double, to upper: Double) -> Limits {
    Limits(lower: lower, upper: upper)
  }

  static func from(_ lower: Double, below upper: Double) -> Limits {
    Limits(lower: lower, upper: upper, includesUpper: false)
  }

  static func above(_ lower: Double, to upper: Double) -> Limits {
    Limits(lower: lower, upper: upper, includesLower: false)
  }

  /// Whether a number still lies inside once it is a Float, with which runs compute: one that is too
  /// near an end that is not allowed becomes it, and one that is too large infinite.
  func containSingle(_ value: Double) -> Bool {
    let single = Float(value)
    return single.isFinite && (includesLower || single > Float(lower))
      && (includesUpper || single < Float(upper))
  }

  /// Whether a number lies inside; a number that is not finite never does.
  func contain(_ value: Double) -> Bool {
    value.isFinite && (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }

  /// `at least 0`, `from 0 to 1`, `above 0 and at most 1`; empty where every number will do.
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

extension Double {
  /// The shortest text that reads back as this very number; whole ones without a fraction, small
  /// ones as the official code writes them (`1.0e-06`), since YAML 1.1 takes `1e-06` for a word.
  var yaml: String {
    if let whole = Int(exactly: self), abs(whole) <= 1 << 53 { return String(whole) }
    let text = description
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }
}
