import Run

/// What Prometheus is told of a run. It has no sockets: the same calls give the same text.
package struct MetricsPage: Sendable {
  private let run: String
  private var status: RunStatus?
  /// The last value of each metric, since some are not measured at each step.
  private var values: [Metric: Double] = [:]
  /// The last result of each probe, by its name.
  private var results: [String: ProbeResult] = [:]
  private var lastTime: Double?
  // Counted since the daemon began.
  private var steps = 0
  private var images = 0
  private var events: [RunEvent.Level: Int] = [.info: 0, .warning: 0, .error: 0]

  /// Creates the page of a run of which nothing is known yet.
  package init(run: String) { self.run = run }

  /// Takes in a step.
  package mutating func take(_ sample: Sample) {
    values.merge(sample.values) { $1 }
    lastTime = sample.time
    steps += 1
    images += status?.imagesPerStep ?? 0
    status?.step = sample.step
  }

  /// Takes in a probe's result.
  package mutating func take(_ result: ProbeResult) { results[result.name] = result }

  /// Counts an event.
  package mutating func take(_ event: RunEvent) { events[event.level, default: 0] += 1 }

  /// Takes in where the run stands.
  package mutating func take(_ status: RunStatus) { self.status = status }

  /// The page in the text format 0.0.4.
  package var text: String {
    (statusFamilies + countFamilies + metricFamilies).map(\.text).joined()
  }

  private func point(_ value: Double, _ labels: (name: String, value: String)...)
    -> MetricFamily.Point
  {
    ([("run", run)] + labels, value)
  }

  private var statusFamilies: [MetricFamily] {
    guard let status else { return [] }
    return [
      MetricFamily(
        "dino_run_info", .gauge, "what is trained; always 1",
        [point(1, ("arch", status.arch), ("phase", status.phase.name), ("data", status.data))]),
      MetricFamily(
        "dino_state", .gauge, "1 for the state that the run is in, 0 for the others",
        RunState.allCases.map { point($0 == status.state ? 1 : 0, ("state", $0.rawValue)) }),
      MetricFamily("dino_step", .gauge, "the last step", [point(Double(status.step))]),
      MetricFamily(
        "dino_steps_planned", .gauge, "steps of the whole run", [point(Double(status.steps))]),
    ]
  }

  private var countFamilies: [MetricFamily] {
    [
      MetricFamily(
        "dino_steps_total", .counter, "steps that this daemon computed, those computed again too",
        [point(Double(steps))]),
      MetricFamily(
        "dino_images_total", .counter, "images in these steps", [point(Double(images))]),
      MetricFamily(
        "dino_events_total", .counter, "events in the log since this daemon began, by level",
        [RunEvent.Level.info, .warning, .error].map {
          point(Double(events[$0]!), ("level", $0.rawValue))
        }),
      MetricFamily(
        "dino_last_step_timestamp_seconds", .gauge, "when the last step ended, in s since 1970",
        lastTime.map { [point($0)] } ?? []),
    ]
  }

  /// A family for each metric that the run has measured.
  private var metricFamilies: [MetricFamily] {
    Metric.allCases.map { metric in
      let step = values[metric].map { [point($0)] } ?? []
      let probes = results.sorted { $0.key < $1.key }.compactMap { name, result in
        result.values[metric].map { point($0, ("probe", name)) }
      }
      return MetricFamily("dino_\(metric.rawValue)", .gauge, metric.help, step + probes)
    }
  }
}

extension Metric {
  /// The metric in words, with its unit.
  fileprivate var help: String {
    let unit =
      switch unit {
      case .plain: ""
      case .fraction: ", a fraction of 1"
      case .seconds: ", in seconds"
      case .bytes: ", in bytes"
      case .perSecond: ", each second"
      case .gflops: ", in GFLOP/s"
      case .nats: ", in nats"
      case .count: ", a count"
      }
    let words = { (name: String) in name.replacing("_", with: " ") }
    return "\(words(rawValue)) (\(words(group.rawValue)))\(unit)"
  }
}
