import Run

/// A panel of the dashboard.
package enum Panel: Sendable, Hashable {
  case losses, throughput, health, schedules, probe, log
  /// What the network sees in some images.
  case pictures
  /// The journal, and the checkpoints with why each is kept.
  case changes, checkpoints
  /// Where time, memory and disk go, and on which machines.
  case system
  /// The stages of a curation.
  case stages

  /// The panels of a training run, and of a curation, in the order of their keys.
  package static let training: [Panel] = [
    .losses, .throughput, .health, .schedules, .probe, .log, .pictures, .changes, .checkpoints,
    .system,
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
    case .pictures: "Pictures"
    case .changes: "Changes"
    case .checkpoints: "Checkpoints"
    case .system: "System"
    case .stages: "Stages"
    }
  }

  /// The panel that is shown of a run: itself, or the run's first if the run does not have it.
  func shown(in kind: WorkKind?) -> Panel {
    let all = Self.all(of: kind)
    return all.contains(self) ? self : all[0]
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
      case .throughput, .stages, .system: [.throughput, .memory, .progress]
      case .health: [.health, .gradient]
      case .schedules: [.schedule]
      case .probe: [.evaluation, .labelFree]
      case .log, .pictures, .changes, .checkpoints: []
      }
    return groups.flatMap { group in Metric.allCases.filter { $0.group == group } }
  }
}

extension Panel {
  /// Whether the panel is always shown alone, because it needs all of the room.
  var isAlwaysAlone: Bool { [.pictures, .changes, .checkpoints, .system].contains(self) }

  /// The number of rows through which the panel scrolls; 0 if it does not.
  func rows(_ record: RunRecord?, filter: String) -> Int {
    switch self {
    case .log: record?.events.filtered(by: filter).count ?? 0
    case .changes: record?.journal.filtered(by: filter).count ?? 0
    default: 0
    }
  }
}

extension Panel {
  /// The kinds of the panel's rows, each once, in alphabetical order.
  func kinds(_ record: RunRecord?) -> [String] {
    let kinds: [String] =
      switch self {
      case .log: record?.events.map(\.kind) ?? []
      case .changes: record?.journal.map(\.change.kind.name) ?? []
      default: []
      }
    return Set(kinds).sorted()
  }

  /// The filter for the rows of one kind.
  static func filter(kind: String) -> String { kindPrefix + kind }

  /// Returns the filter for the kind after the one that is shown; empty, which shows all, after the last.
  func nextKind(_ filter: String, _ record: RunRecord?) -> String {
    let filters = [""] + kinds(record).map(Self.filter)
    return filters[((filters.firstIndex(of: filter) ?? 0) + 1) % filters.count]
  }
}

private let kindPrefix = "kind:"

extension [RunEvent] {
  /// The events whose kind, level or text has a text, whatever its case, or those of a kind; all if the text is empty.
  func filtered(by text: String) -> [RunEvent] {
    if text.isEmpty { return self }
    if let kind = text.kind { return filter { $0.kind == kind } }
    return filter { event in
      [event.kind, event.level.rawValue, event.text].contains { $0.holds(text) }
    }
  }
}

extension [JournalEntry] {
  /// The entries whose change or client has a text, whatever its case, or those of a kind; all if the text is empty.
  func filtered(by text: String) -> [JournalEntry] {
    if text.isEmpty { return self }
    if let kind = text.kind { return filter { $0.change.kind.name == kind } }
    return filter { $0.change.summary.holds(text) || $0.client.holds(text) }
  }
}

extension String {
  fileprivate func holds(_ text: String) -> Bool { lowercased().contains(text.lowercased()) }

  /// The kind that a filter asks for; `nil` if it asks for a text.
  fileprivate var kind: String? {
    hasPrefix(kindPrefix) ? String(dropFirst(kindPrefix.count)) : nil
  }
}
