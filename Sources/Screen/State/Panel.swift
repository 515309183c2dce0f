import Run

/// A panel of the dashboard.
package enum Panel: Sendable, Hashable {
  case losses, throughput, health, schedules, probe, log
  /// The stages of a curation.
  case stages

  /// The panels of a training run, and of a curation, in the order of their keys.
  package static let training: [Panel] = [
    .losses, .throughput, .health, .schedules, .probe, .log,
  ]
  package static let curation: [Panel] = [.stages, .throughput, .log]

  /// Returns the panels of a run.
  package static func all(of kind: WorkKind?) -> [Panel] {
    kind == .curation ? curation : training
  }

  /// The title shown in the panel's frame.
  package var title: String {
    switch self {
    case .losses: "Losses"
    case .throughput: "Throughput"
    case .health: "Health"
    case .schedules: "Schedules"
    case .probe: "Probe"
    case .log: "Log"
    case .stages: "Stages"
    }
  }

  /// Returns the panel `distance` places further among those of a run, wrapping around at the ends.
  func advanced(by distance: Int, of kind: WorkKind?) -> Panel {
    let all = Self.all(of: kind)
    let place = all.firstIndex(of: self) ?? 0
    return all[(place + distance + all.count) % all.count]
  }
}

extension Panel {
  /// The metrics that the panel shows, in the order of the screen.
  var metrics: [Metric] {
    let groups: [Metric.Group] =
      switch self {
      case .losses: [.loss]
      case .throughput, .stages: [.throughput, .memory, .progress]
      case .health: [.health, .gradient]
      case .schedules: [.schedule]
      case .probe: [.evaluation, .labelFree]
      case .log: []
      }
    return groups.flatMap { group in Metric.allCases.filter { $0.group == group } }
  }
}
