/// The values of probe results by probe and metric, which a screen reads many times for each frame.
struct ProbeCurves: Sendable, Equatable {
  private var curves: [Key: [ProbeValue]] = [:]

  private struct Key: Hashable {
    let name: String
    let metric: Metric
  }

  init() {}

  init(_ results: [ProbeResult]) {
    for result in results { append(result) }
  }

  /// The names of the probes.
  var names: Set<String> { Set(curves.keys.map(\.name)) }

  mutating func append(_ result: ProbeResult) {
    for (metric, value) in result.values {
      curves[Key(name: result.name, metric: metric), default: []]
        .append(ProbeValue(step: result.step, value: value))
    }
  }

  /// The values of a metric in the order of the results; empty if a probe has none.
  func curve(_ metric: Metric, of name: String) -> [ProbeValue] {
    curves[Key(name: name, metric: metric)] ?? []
  }
}

/// What a probe measured at a step.
package struct ProbeValue: Sendable, Equatable {
  package let step: Int
  package let value: Double

  package init(step: Int, value: Double) { (self.step, self.value) = (step, value) }
}
