/// Which alarms of a run are in force, and which of them something was done about.
///
/// What a look finds is in force, or over, once the next look confirms it, so that a figure that moves around
/// its limit does not fill the log.
package struct AlarmWatch: Sendable {
  /// The alarms in force, the worst first.
  package private(set) var inForce: [Health.Finding] = []
  /// Those that something was done about since they came into force or got worse.
  private var answered: Set<Alarm> = []
  private var last: [Alarm: Health.Verdict] = [:]

  package init() {}

  /// The alarms in force that nothing was done about, the worst first.
  package var unanswered: [Health.Finding] { inForce.filter { !answered.contains($0.alarm) } }

  /// Notes that something was done about alarms.
  package mutating func answer(_ findings: [Health.Finding]) {
    answered.formUnion(findings.map(\.alarm))
  }

  /// Adds a look at a run's health.
  ///
  /// - Parameter isLast: whether what is found has to do, because no other look will come.
  /// - Returns: the alarms that came into force, or turned from bad to worse or back.
  package mutating func look(_ health: Health, isLast: Bool = false) -> [Health.Finding] {
    let before = Dictionary(uniqueKeysWithValues: inForce.map { ($0.alarm, $0.verdict) })
    let confirmed = health.findings.compactMap { isLast ? $0 : self.confirmed($0) }
    let found = Set(health.findings.map(\.alarm))
    // One that was found, and now is not, may be found again; so may one that was not found before.
    let kept = inForce.filter { finding in
      !confirmed.contains { $0.alarm == finding.alarm }
        && (found.contains(finding.alarm) || isLast || last[finding.alarm] != nil)
    }
    let all = confirmed + kept
    inForce =
      all.filter { $0.verdict == .collapsing } + all.filter { $0.verdict != .collapsing }
    last = Dictionary(uniqueKeysWithValues: health.findings.map { ($0.alarm, $0.verdict) })
    let news = confirmed.filter { before[$0.alarm] != $0.verdict }
    answered.formIntersection(inForce.map(\.alarm))
    // One that gets better needs no further answer.
    answered.subtract(news.filter { $0.verdict == .collapsing }.map(\.alarm))
    return news
  }

  /// Returns a finding that the look before had as well, by the milder of both verdicts; `nil` if it had none.
  private func confirmed(_ finding: Health.Finding) -> Health.Finding? {
    guard let verdict = last[finding.alarm] else { return nil }
    return verdict == finding.verdict
      ? finding : Health.Finding(finding.alarm, .watch, finding.reason)
  }
}
