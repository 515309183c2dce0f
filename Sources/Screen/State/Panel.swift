import Schedule

/// A panel of the dashboard.
package enum Panel: Int, CaseIterable, Sendable {
  case losses, throughput, health, schedules, probe, log

  /// The title shown in the panel's frame.
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

  /// The digit key that selects the panel.
  package var digit: Character { Character(String(rawValue + 1)) }

  /// Returns the panel `distance` places further, wrapping around at the ends.
  func advanced(by distance: Int) -> Panel {
    let count = Self.allCases.count
    return Self.allCases[(rawValue + distance + count) % count]
  }
}
