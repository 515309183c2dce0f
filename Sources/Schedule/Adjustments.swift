import Run

/// A change of a schedule that a person made while the run went on. It belongs to the phase in which
/// it is first felt and ends with it.
package struct Adjustment: Sendable, Equatable {
  package var metric: Metric
  /// The first step that feels it, from 1.
  package var step: Int
  /// The value that it starts from.
  package var old: Double
  /// The value to which it goes and at which it stays; nil: back onto the recipe's course.
  package var new: Double?
  /// Steps from one to the other; 0 or 1: at once.
  package var over: Int

  package init(metric: Metric, step: Int, old: Double, new: Double?, over: Int) {
    self.metric = metric
    self.step = step
    self.old = old
    self.new = new
    self.over = over
  }

  /// The value at a step that feels it, `planned` being the recipe's.
  func value(at step: Int, planned: Double) -> Double {
    let progress = min(1, Double(step - self.step + 1) / Double(max(over, 1)))
    return old + ((new ?? planned) - old) * progress
  }

  /// Steps at which its curve has a corner.
  var corners: [Int] { [step - 1, step, step + max(over, 1) - 1] }
}

/// The adjustments that any step can still feel, by schedule.
///
/// Of each schedule's the steps rise strictly: an adjustment that a later one supersedes is dropped,
/// so that looking a value up costs the logarithm of their number.
struct Adjustments: Sendable {
  private var lists: [Metric: [Adjustment]] = [:]

  /// All of a schedule's, by rising step.
  func list(_ metric: Metric) -> [Adjustment] { lists[metric] ?? [] }

  /// All of them, by rising step.
  var all: [Adjustment] { lists.values.joined().sorted { $0.step < $1.step } }

  /// Enters an adjustment. Those of the same schedule that begin at its step or after it, within the
  /// phase that ends at `phaseEnd`, are no longer felt.
  mutating func enter(_ adjustment: Adjustment, phaseEnd: Int) {
    var list = lists[adjustment.metric] ?? []
    let start = Self.count(of: list, before: adjustment.step)
    let end = Self.count(of: list, before: phaseEnd + 1)
    list.replaceSubrange(start..<max(start, end), with: [adjustment])
    lists[adjustment.metric] = list
  }

  /// Drops those that begin at a step or after it.
  mutating func cut(from step: Int) {
    lists = lists.mapValues { Array($0.prefix(Self.count(of: $0, before: step))) }
  }

  /// The adjustment that a step of a phase feels; nil where it follows the recipe.
  func felt(_ metric: Metric, at step: Int, phaseStart: Int) -> Adjustment? {
    guard let list = lists[metric] else { return nil }
    let count = Self.count(of: list, before: step + 1)
    guard count > 0, list[count - 1].step >= phaseStart else { return nil }
    return list[count - 1]
  }

  /// How many of a list begin before a step.
  private static func count(of list: [Adjustment], before step: Int) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].step < step { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
