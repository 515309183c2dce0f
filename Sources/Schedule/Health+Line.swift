extension Health {
  /// The verdict as a line of the log: its reason, and the alarm with its remedy if there is one.
  package var line: String { findings.first?.line ?? "\(verdict.rawValue): \(reason)" }
}

extension Health.Finding {
  /// The finding as a line of the log: what was seen, the alarm and its remedy.
  package var line: String {
    "\(verdict.rawValue): \(reason) (\(alarm.rawValue)); what helps: \(alarm.remedy)"
  }
}
