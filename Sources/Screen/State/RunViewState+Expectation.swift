import Run

extension RunViewState {
  /// Notes that it is of interest what the change that is being typed would do.
  mutating func foresee(_ change: Result<Change, ChangeRefusal>?, now: Double) {
    guard [.live, .connecting].contains(link), case .success(let change)? = change,
      change.movesSchedules
    else {
      expectation = nil
      return
    }
    if expectation?.change != change { expectation = Expectation(change, typed: now) }
  }

  /// Returns the change about which the daemon is to be asked now; `nil` if there is none. It is asked about
  /// once that nothing is typed for a moment.
  package func changeToForesee(now: Double) -> Change? {
    link == .live ? expectation.flatMap { $0.isDue(now) ? $0.change : nil } : nil
  }

  /// Records that the daemon was asked about the change that is being typed.
  package mutating func askedToForesee(id: String) {
    expectation?.id = id
    if let change = expectation?.change { sent(id: id, "preview \(change.summary)") }
  }

  /// Whether the daemon is still to be asked, so that the screen must not wait long.
  package var isForeseeing: Bool { expectation.map { $0.id == nil } ?? false }

  /// Gives up asking, since there is nobody to ask.
  package mutating func forgetExpectation() { expectation = nil }
}

extension Change {
  /// Whether it does nothing but move schedules, so that the daemon can tell at once how.
  var movesSchedules: Bool {
    switch self {
    case .set, .together: true
    default: false
    }
  }
}
