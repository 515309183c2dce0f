import Run
import Support

/// The form that changes a schedule: which one, its new value, and how and when it moves there.
package struct SetPrompt: Equatable, Sendable {
  /// A field of the form.
  package enum Field: Int, CaseIterable, Sendable { case schedule, value, over, shape, start }

  /// The result of handling a key.
  package enum Outcome: Equatable, Sendable {
    case editing
    case cancelled
    case confirmed(Change)
  }

  /// The selected field.
  package private(set) var field = Field.schedule
  /// The schedule to change.
  package private(set) var metric = Metric.adjustable[0]
  /// The text of the fields: the new value, the number of steps, and the first of them. The last two may be
  /// empty.
  package private(set) var value = ""
  package private(set) var over = ""
  package private(set) var start = ""
  /// How the value moves there.
  package private(set) var shape = RampShape.linear
  /// Whether enter was pressed on an invalid form. The error is then shown prominently.
  package private(set) var wasRefused = false
  /// The present values, from which the arrow keys move.
  private let present: [Metric: Double]

  /// Creates an empty form for a run whose schedules have these values.
  package init(present: [Metric: Double] = [:]) { self.present = present }

  /// The requested change, or an error that says what is missing.
  package var change: Result<Change, ChangeRefusal> {
    var typed = ["metric": metric.rawValue, "value": value]
    if !over.isEmpty { typed["over"] = over }
    if !start.isEmpty { typed["at"] = start }
    if shape != .linear { typed["shape"] = shape.rawValue }
    do throws(ChangeRefusal) {
      return .success(try ChangeKind.set.change(typed: typed))
    } catch {
      return .failure(error)
    }
  }

  /// Handles a key.
  package mutating func handle(_ key: Key) -> Outcome {
    switch (key, field) {
    case (.escape, _), (.interrupt, _):
      return .cancelled
    case (.enter, .schedule):
      field = .value
    case (.enter, _):
      if case .success(let change) = change { return .confirmed(change) }
      wasRefused = true
    case (.tab, _), (.down, _):
      move(1)
    case (.backTab, _), (.up, _):
      move(-1)
    case (.left, _):
      turn(-1)
    case (.right, _), (.character(" "), .schedule), (.character(" "), .shape):
      turn(1)
    case (.backspace, _):
      edit { if !$0.isEmpty { $0.removeLast() } }
    case (.character(let character), _):
      // A value that is typed at once is meant for its field.
      if field == .schedule, "0123456789.+-xr".contains(character) { field = .value }
      guard character.isASCII, character != " " else { break }
      edit { if $0.count < 16 { $0.append(character) } }
    default:
      break
    }
    return .editing
  }

  private mutating func move(_ distance: Int) {
    let count = Field.allCases.count
    field = Field.allCases[(field.rawValue + distance + count) % count]
  }

  /// Takes an arrow key: the next choice, or a value that is a tenth higher or lower.
  private mutating func turn(_ distance: Int) {
    wasRefused = false
    switch field {
    case .schedule:
      let choices = Metric.adjustable
      let index = choices.firstIndex(of: metric) ?? 0
      metric = choices[(index + distance + choices.count) % choices.count]
    case .shape: shape = shape == .linear ? .cosine : .linear
    case .value: scale(by: distance > 0 ? 1.1 : 1 / 1.1)
    case .over, .start: break
    }
  }

  /// Raises or lowers the value: what was typed, or else the present one; after `recipe`, its multiple.
  private mutating func scale(by factor: Double) {
    let typed = value == "recipe" ? "x1" : value
    if typed.hasPrefix("x"), let multiple = Double(typed.dropFirst()) {
      value = "x" + Format.plain(Self.rounded(multiple * factor))
      return
    }
    guard let number = typed.isEmpty ? present[metric] : Double(typed) else { return }
    // What counts of a momentum is how far it is from 1.
    let isMomentum = metric == .momentumTeacher
    let moved = isMomentum ? 1 - max(1 - number, factor < 1 ? 1e-4 : 0) / factor : number * factor
    let limits = metric.limits ?? 0...1
    let digits = isMomentum ? 6 : 3
    value = Format.plain(
      min(max(Self.rounded(moved, digits), limits.lowerBound), limits.upperBound))
  }

  private static func rounded(_ number: Double, _ digits: Int = 3) -> Double {
    Double(Format.printf("%.\(digits)g", number)) ?? number
  }

  private mutating func edit(_ body: (inout String) -> Void) {
    switch field {
    case .schedule, .shape: return
    case .value: body(&value)
    case .over: body(&over)
    case .start: body(&start)
    }
    wasRefused = false
  }
}
