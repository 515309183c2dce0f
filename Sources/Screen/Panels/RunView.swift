import Run
import Schedule
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
  /// What was concluded from the run before, if anything was.
  var judged: RunJudgement?
  /// Other runs whose curves are laid over this one's, by name.
  package var others: [(name: String, record: RunRecord)] = []
  /// What is known of the run's checkpoints; `nil` if they cannot be listed.
  package var checkpoints: [CheckpointFacts]?
  /// Pictures of some of the probe's images.
  package var pictures: [ProbePicture] = []
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
  var panel: Panel { state.panel.shown(in: record.status.kind) }

  /// The digit key that selects a panel.
  func digit(of panel: Panel) -> String {
    panels.firstIndex(of: panel).map { "\(($0 + 1) % 10)" } ?? ""
  }

  /// The range of steps that charts show: the last `window` steps, those around the cursor, or the whole
  /// run so far.
  var steps: Axis {
    let last = Double(max(record.samples.last?.step ?? record.status.step, 2))
    guard let window = state.window.map(Double.init), window < last else {
      return Axis(from: 0, to: last)
    }
    let end = cursor.map { min(last, max($0 + window / 2, window)) } ?? last
    return Axis(from: end - window, to: end)
  }

  /// The step of the cursor; `nil` if there is none.
  var cursor: Double? { state.cursor.map(Double.init) }

  /// Returns whether a step is at the cursor or before it.
  private func isReached(_ step: Int) -> Bool { state.cursor.map { step <= $0 } ?? true }

  /// How many samples there are up to the cursor, or in all.
  private var reached: Int {
    state.cursor.map(record.sampleCount) ?? record.samples.count
  }

  /// The last sample at the cursor, or of all.
  var sample: Sample? { record.samples[..<reached].last }

  /// The events up to the cursor.
  var events: [RunEvent] {
    state.cursor == nil ? record.events : record.events.filter { isReached($0.step) }
  }

  /// The last samples up to the cursor.
  func recent(_ count: Int) -> ArraySlice<Sample> {
    record.samples[..<reached].suffix(count)
  }

  /// Returns a metric's values by step in the range shown.
  func points(_ metric: Metric) -> [Point] {
    points(metric, of: record)
  }

  /// Returns a metric's values in the range shown, without their steps.
  func values(_ metric: Metric) -> [Double] { points(metric).map(\.y) }

  /// Returns a metric's value at the cursor, or its newest.
  func latest(_ metric: Metric) -> Double? {
    record.lastValue(of: metric, among: reached)
  }

  /// Returns a metric's value in the last probe that has it, at the cursor or before it.
  func latestProbe(_ metric: Metric) -> Double? {
    record.probeCurve(metric).last { isReached($0.step) }?.value
  }

  /// Returns the values of a metric in a probe, as points of a chart.
  func probePoints(
    _ metric: Metric, of name: String = ProbeResult.knn, in other: RunRecord? = nil
  ) -> [Point] {
    (other ?? record).probeCurve(metric, of: name).map { Point(x: Double($0.step), y: $0.value) }
  }

  /// What is concluded from the whole run. It is unknown whether one is healthy that nobody trains.
  var judgement: RunJudgement {
    judged ?? RunJudgement(record, isTraining: state.link != .history)
  }

  /// Returns a metric's value at the cursor, or its newest, with its unit, or a dash.
  func text(_ metric: Metric) -> String {
    (latest(metric) ?? latestProbe(metric)).map { Format.value($0, metric) } ?? "–"
  }

  /// Returns the values of another run by step in the range shown.
  func points(_ metric: Metric, of other: RunRecord) -> [Point] {
    let shown = steps
    return other.points(metric, from: Int(shown.low.rounded(.up)), to: Int(shown.high))
  }

  /// The runs whose curves are laid over this one's: the one that it branched from, and those that were asked
  /// for.
  var overlaid: [(name: String, record: RunRecord)] {
    (parent.map { [($0.status.name, $0)] } ?? []) + others
  }

  /// Returns a curve, and before it its smoothed one if that is wanted: the curve itself stays behind.
  func curves(_ points: [Point], _ role: Role, label: String?) -> [Series] {
    guard state.smoothing > 0 else { return [Series(points, role, label: label)] }
    return [
      Series(points, .dim), Series(smoothed(points, state.smoothing), role, label: label),
    ]
  }

  /// The events to mark in charts: checkpoints, live changes, phases, and the step at which the run
  /// branched from its parent.
  var marks: [Mark] {
    record.marks.map { Mark(x: Double($0.step), glyph: $0.kind.glyph, role: $0.kind.role) }
  }

  /// Returns the range shown for a panel's frame, such as `last 1,000 steps · log`.
  func scope(scaled: Bool) -> String {
    let steps = state.window.map { Format.count($0, "step") }
    let window = steps.map { (cursor == nil ? "last " : "") + $0 } ?? "whole run"
    let smooth = scaled && state.smoothing > 0 ? " · smoothed \(Format.plain(state.smoothing))" : ""
    return (scaled && state.scale == .log ? window + " · log" : window) + smooth
  }
}

extension RecordMark.Kind {
  /// The glyph at the top of a chart.
  var glyph: Unicode.Scalar {
    switch self {
    case .checkpoint: "◆"
    case .change: "▲"
    case .phase: "▼"
    case .rewind: "◀"
    case .origin: "├"
    }
  }

  var role: Role { self == .checkpoint ? .marker : .accent }

  /// What the glyph stands for.
  var word: String {
    switch self {
    case .checkpoint: "checkpoint"
    case .change: "change"
    case .phase: "phase"
    case .rewind: "rewind"
    case .origin: "branch"
    }
  }
}
