import Schedule

/// A part of the dashboard that can be selected.
package enum Panel: Int, CaseIterable, Sendable {
  case losses, throughput, health, schedules, probe, log

  package var title: String {
    switch self {
    case .losses: "Losses"
    case .throughput: "Throughput"
    case .health: "Health"
    case .schedules: "Schedules"
    case .probe: "Probe"
    case .log: "Log"
    }
  }

  /// The key that selects it.
  package var digit: Character { Character(String(rawValue + 1)) }

  /// The panel that many places further, around the end.
  func advanced(by distance: Int) -> Panel {
    let count = Self.allCases.count
    return Self.allCases[(rawValue + distance + count) % count]
  }
}
