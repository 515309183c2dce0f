/// Which alarms of a run are in force.
///
/// What a look finds is in force, or over, once the next look confirms it, so that a figure that moves around
/// its limit does not fill the log.
package struct AlarmWatch: Sendable {
  /// The alarms in force, the worst first.
  package private(set) var inForce: [Health.Finding] = []
  private var last: [Alarm: Health.Verdict] = [:]

  package init() {}

  /// Adds a look at a run's health.
  ///
  /// - Parameter isLast: whether what is seen has to do, because no other look will come.
  /// - Returns: the alarms that came into force, or turned from bad to worse or back.
  package mutating func look(_ health: Health, isLast: Bool = false) -> [Health.Finding] {
    let found = Dictionary(uniqueKeysWithValues: health.findings.map { ($0.alarm, $0.verdict) })
    let before = Dictionary(uniqueKeysWithValues: inForce.map { ($0.alarm, $0) })
    defer { last = found }
    func isConfirmed(_ alarm: Alarm) -> Bool {
      isLast && found[alarm] != nil || found[alarm] == last[alarm]
    }
    // One that is not confirmed stays as it was.
    let kept = inForce.filter { !isConfirmed($0.alarm) }
    let confirmed = health.findings.filter { isConfirmed($0.alarm) }
    inForce = confirmed + kept
    return confirmed.filter { before[$0.alarm]?.verdict != $0.verdict }
  }
}
