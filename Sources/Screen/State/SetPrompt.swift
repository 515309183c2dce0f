import Run

/// The form that changes a schedule: which one, its new value, and the number of steps to reach it.
package struct SetPrompt: Equatable, Sendable {
  /// A field of the form.
  package enum Field: Int, CaseIterable, Sendable { case schedule, value, over }

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
  /// The text of the fields: the new value, and the number of steps. The latter may be empty.
  package private(set) var value = ""
  package private(set) var over = ""
  /// Whether enter was pressed on an invalid form. The error is then shown prominently.
  package private(set) var wasRefused = false

  /// Creates an empty form.
  package init() {}

  /// The requested change, or an error that says what is missing.
  package var change: Result<Change, ChangeRefusal> {
    var typed = ["metric": metric.rawValue, "value": value]
    if !over.isEmpty { typed["over"] = over }
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
    case (.left, .schedule):
      choose(-1)
    case (.right, .schedule), (.character(" "), .schedule):
      choose(1)
    case (.backspace, .value):
      edit { if !$0.isEmpty { $0.removeLast() } }
    case (.backspace, .over):
      edit { if !$0.isEmpty { $0.removeLast() } }
    case (.character(let character), .value), (.character(let character), .over):
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

  private mutating func choose(_ distance: Int) {
    let choices = Metric.adjustable
    let index = choices.firstIndex(of: metric) ?? 0
    metric = choices[(index + distance + choices.count) % choices.count]
    wasRefused = false
  }

  private mutating func edit(_ body: (inout String) -> Void) {
    if field == .value { body(&value) } else { body(&over) }
    wasRefused = false
  }
}
