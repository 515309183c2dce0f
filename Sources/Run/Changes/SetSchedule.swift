import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A change that moves a schedule to another value, to a multiple of the recipe's schedule, or back to
/// the recipe's schedule.
package struct SetSchedule: Sendable, Equatable {
  /// The schedule to move.
  package var metric: Metric
  /// The target value; `nil` to follow the recipe's schedule.
  package var value: Double?
  /// The factor on the recipe's schedule, where that is followed; `nil` for 1.
  package var factor: Double?
  /// Steps over which the value moves to the target; `nil` or 0 to jump at once.
  package var over: Int?
  /// How it moves there; `nil` for a straight line.
  package var shape: RampShape?
  /// The first step that the change affects; `nil` for the next one. The journal has no relative
  /// ones.
  package var start: ChangeStart?
  /// Whether a value is taken that would probably ruin the run.
  package var isForced: Bool

  package init(
    _ metric: Metric, to value: Double?, factor: Double? = nil, over: Int? = nil,
    shape: RampShape? = nil, at start: ChangeStart? = nil, isForced: Bool = false
  ) {
    self.metric = metric
    self.value = value
    self.factor = factor
    self.over = over
    self.shape = shape
    self.start = start
    self.isForced = isForced
  }
}

extension SetSchedule {
  /// The target, as a sentence has it after "to".
  package var target: String {
    if let value { return Format.number(value) }
    let times = factor.map { "\(Format.plain($0)) times " } ?? ""
    return "\(times)the recipe's schedule"
  }

  /// The target as the wire and the journal have it; `nil` for the recipe's schedule.
  var targetValue: ChangeValue? {
    value.map(ChangeValue.number) ?? factor.map { .text("x\(Format.plain($0))") }
  }

  /// Creates a change to a target as the wire has it.
  init(_ metric: Metric, target: ChangeValue?) {
    self.init(metric, to: target?.number, factor: target?.text.flatMap(Self.factor))
  }

  /// Returns the factor in a text such as `x0.3`; `nil` if it is none.
  static func factor(_ text: String) -> Double? {
    guard text.hasPrefix("x"), let factor = Double(text.dropFirst()), factor.isFinite, factor >= 0
    else { return nil }
    return factor
  }
}

/// The way in which a schedule moves to a target.
package enum RampShape: String, CaseIterable, Sendable {
  case linear
  /// Half a period of a cosine: slow at both ends, as the recipe's schedules fall.
  case cosine

  /// Returns how much of the way is done after a part of the steps, both from 0 to 1.
  package func progress(_ part: Double) -> Double {
    switch self {
    case .linear: part
    case .cosine: (1 - cos(.pi * part)) / 2
    }
  }
}
