import Run
import Support

/// All that a frame is drawn from.
package struct RunView: Sendable {
  package var record: RunRecord
  package var state: RunViewState
  /// Seconds since 1970.
  package var now: Double
  /// The run that this one began from, to be compared with.
  package var parent: RunRecord?

  package init(record: RunRecord, state: RunViewState, now: Double) {
    self.record = record
    self.state = state
    self.now = now
  }
}

extension RunView {
  /// The steps that charts show: the last `window`, or the whole run so far.
  var steps: Axis {
    let last = Double(max(record.samples.last?.step ?? record.status.step, 2))
    return Axis(from: max(last - Double(state.window ?? .max), 0), to: last)
  }

  /// A metric's values over the steps shown.
  func points(_ metric: Metric) -> [Point] {
    let first = steps.low
    return record.samples.lazy.filter { Double($0.step) >= first }.compactMap { sample in
      sample[metric].map { Point(x: Double(sample.step), y: $0) }
    }
  }

  /// A metric's values over the steps shown, without their steps.
  func values(_ metric: Metric) -> [Double] { points(metric).map(\.y) }

  /// The last value that was measured.
  func latest(_ metric: Metric) -> Double? {
    record.samples.last { $0[metric] != nil }?[metric]
  }

  /// The last probe's value.
  func latestProbe(_ metric: Metric) -> Double? {
    record.evaluations.last { $0.name == Evaluation.knn && $0.values[metric] != nil }?
      .values[metric]
  }

  /// The last value in its unit, or a dash.
  func text(_ metric: Metric) -> String {
    latest(metric).map { Format.value($0, metric) } ?? "–"
  }

  /// The parent's values over the steps shown.
  func parentPoints(_ metric: Metric) -> [Point] {
    let (first, last) = (steps.low, steps.high)
    return (parent?.samples ?? []).compactMap { sample in
      let x = Double(sample.step)
      guard x >= first, x <= last else { return nil }
      return sample[metric].map { Point(x: x, y: $0) }
    }
  }

  /// What happened, as marks for charts: checkpoints, live changes, phases and where the run left
  /// its parent.
  var marks: [Mark] {
    let checkpoints = record.events.filter { $0.kind == "checkpoint" && $0.level == .info }
      .map { Mark(x: Double($0.step), glyph: "◆") }
    let journal = record.journal.inForce
    let changes = journal.filter { $0.scheduleSet != nil }
      .map { Mark(x: Double($0.step), glyph: "▲", role: .accent) }
    let phases = journal.filter(\.beginsPhase)
      .map { Mark(x: Double($0.step), glyph: "▼", role: .accent) }
    let origin = record.status.origin.map { [Mark(x: Double($0.step), glyph: "├", role: .accent)] }
    return checkpoints + changes + phases + (origin ?? [])
  }

  /// `last 1,000 steps`, `log`, for a chart's frame.
  func scope(scaled: Bool) -> String {
    let window = state.window.map { "last \(Format.count($0)) steps" } ?? "whole run"
    return scaled && state.scale == .log ? window + " · log" : window
  }
}
