import Run

/// A live change of a schedule. It belongs to the phase in which its first step lies and ends with
/// that phase.
package struct Adjustment: Sendable, Equatable {
  /// The schedule.
  package var metric: Metric
  /// The first step that it affects, from 1.
  package var step: Int
  /// The value from which it starts.
  package var old: Double
  /// The target, at which the schedule stays; `nil` to follow the recipe's schedule.
  package var new: Double?
  /// The factor on the recipe's schedule, where that is followed.
  package var factor: Double
  /// Steps over which the value moves to the target; 0 or 1 to jump at once.
  package var over: Int
  /// How the value moves there.
  package var shape: RampShape

  package init(
    metric: Metric, step: Int, old: Double, new: Double?, factor: Double = 1, over: Int,
    shape: RampShape = .linear
  ) {
    self.metric = metric
    self.step = step
    self.old = old
    self.new = new
    self.factor = factor
    self.over = over
    self.shape = shape
  }

  /// Creates the adjustment that a change makes from a step on, at which the schedule has a value.
  init(_ set: SetSchedule, from step: Int, old: Double) {
    self.init(
      metric: set.metric, step: step, old: old, new: set.value, factor: set.factor ?? 1,
      over: set.over ?? 0, shape: set.shape ?? .linear)
  }

  /// Returns the value at a step that the adjustment affects. `planned` is the recipe's value
  /// there.
  func value(at step: Int, planned: Double) -> Double {
    let part = min(1, Double(step - self.step + 1) / Double(max(over, 1)))
    return old + ((new ?? factor * planned) - old) * shape.progress(part)
  }

  /// The steps at which its curve has corners, and some between them where it is bent.
  package var corners: [Int] {
    let last = step + max(over, 1) - 1
    let ends = [step - 1, step, last]
    guard shape != .linear else { return ends }
    return ends + Array(stride(from: step, to: last, by: max(1, over / 16)))
  }
}

/// The adjustments that still affect any step, by schedule.
///
/// The steps of each schedule's adjustments are strictly ascending. An adjustment that a later one
/// replaces is dropped, so a lookup takes time logarithmic in their number.
struct Adjustments: Sendable {
  private var lists: [Metric: [Adjustment]] = [:]

  /// Returns all adjustments of a schedule, by ascending step.
  func list(_ metric: Metric) -> [Adjustment] { lists[metric] ?? [] }

  /// All adjustments, by ascending step.
  var all: [Adjustment] { lists.values.joined().sorted { $0.step < $1.step } }

  /// Adds an adjustment. It replaces those of the same schedule that begin at its step or later in
  /// the same phase, which ends at `phaseEnd`.
  mutating func enter(_ adjustment: Adjustment, phaseEnd: Int) {
    var list = lists[adjustment.metric] ?? []
    let start = Self.count(of: list, before: adjustment.step)
    let end = Self.count(of: list, before: phaseEnd + 1)
    list.replaceSubrange(start..<max(start, end), with: [adjustment])
    lists[adjustment.metric] = list
  }

  /// Drops the adjustments that begin at `step` or later.
  mutating func cut(from step: Int) {
    lists = lists.mapValues { Array($0.prefix(Self.count(of: $0, before: step))) }
  }

  /// Returns the adjustment that affects a step of the phase that begins at `phaseStart`; `nil` if
  /// the step follows the recipe.
  func inEffect(_ metric: Metric, at step: Int, phaseStart: Int) -> Adjustment? {
    guard let list = lists[metric] else { return nil }
    let count = Self.count(of: list, before: step + 1)
    guard count > 0, list[count - 1].step >= phaseStart else { return nil }
    return list[count - 1]
  }

  /// Returns how many adjustments of a list begin before `step`.
  private static func count(of list: [Adjustment], before step: Int) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].step < step { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
