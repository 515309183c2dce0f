extension Health {
  /// The verdict as a line of the log: its reason, and the alarm with its remedy if there is one.
  package var line: String {
    let remedy = alarm.map { " (\($0.rawValue)); what helps: \($0.remedy)" } ?? ""
    return "\(verdict.rawValue): \(reason)\(remedy)"
  }
}
