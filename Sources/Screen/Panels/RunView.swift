import Run
import Support

/// Everything that a frame is drawn from.
package struct RunView: Sendable {
  /// The run.
  package var record: RunRecord
  /// The state of the dashboard.
  package var state: RunViewState
  /// The current time, in seconds since 1970.
  package var now: Double
  /// The run that this one branched from, for comparison.
  package var parent: RunRecord?
  /// What the user calls the run: its name, after that of the machine if it is another one.
  package var label: String

  /// Creates a view without a parent.
  package init(record: RunRecord, state: RunViewState, now: Double) {
    label = record.status.name
    self.record = record
    self.state = state
    self.now = now
  }
}

extension RunView {
  /// Whether a heap of images is curated, and no model is trained.
  var isCuration: Bool { record.status.kind == .curation }

  /// The panels of the run, and the one that is selected.
  var panels: [Panel] { Panel.all(of: record.status.kind) }
  var panel: Panel { panels.contains(state.panel) ? state.panel : panels[0] }

  /// The digit key that selects a panel.
  func digit(of panel: Panel) -> String { panels.firstIndex(of: panel).map { "\($0 + 1)" } ?? "" }

  /// The range of steps that charts show: the last `window` steps, or the whole run so far.
  var steps: Axis {
    let last = Double(max(record.samples.last?.step ?? record.status.step, 2))
    return Axis(from: max(last - Double(state.window ?? .max), 0), to: last)
  }

  /// Returns a metric's values by step in the range shown.
  func points(_ metric: Metric) -> [Point] {
    let first = steps.low
    return record.samples.lazy.filter { Double($0.step) >= first }.compactMap { sample in
      sample[metric].map { Point(x: Double(sample.step), y: $0) }
    }
  }

  /// Returns a metric's values in the range shown, without their steps.
  func values(_ metric: Metric) -> [Double] { points(metric).map(\.y) }

  /// Returns a metric's last recorded value.
  func latest(_ metric: Metric) -> Double? {
    record.samples.last { $0[metric] != nil }?[metric]
  }

  /// Returns a metric's value in the last probe that has it.
  func latestProbe(_ metric: Metric) -> Double? {
    record.evaluations.last { $0.name == ProbeResult.knn && $0.values[metric] != nil }?
      .values[metric]
  }

  /// Returns a metric's last value with its unit, or a dash.
  func text(_ metric: Metric) -> String {
    latest(metric).map { Format.value($0, metric) } ?? "–"
  }

  /// Returns the parent's values by step in the range shown.
  func parentPoints(_ metric: Metric) -> [Point] {
    let (first, last) = (steps.low, steps.high)
    return (parent?.samples ?? []).compactMap { sample in
      let x = Double(sample.step)
      guard x >= first, x <= last else { return nil }
      return sample[metric].map { Point(x: x, y: $0) }
    }
  }

  /// The events to mark in charts: checkpoints, live changes, phases, and the step at which the run
  /// branched from its parent.
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

  /// Returns the range shown for a panel's frame, such as `last 1,000 steps · log`.
  func scope(scaled: Bool) -> String {
    let window = state.window.map { "last \(Format.count($0, "step"))" } ?? "whole run"
    return scaled && state.scale == .log ? window + " · log" : window
  }
}
