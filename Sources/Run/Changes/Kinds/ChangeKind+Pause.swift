extension ChangeKind {
  /// Pauses a run between two steps.
  package static let pause = ChangeKind(
    "pause", "pause a run after the current step", .pause, inverse: .resume)

  /// Ends a pause.
  package static let resume = ChangeKind(
    "resume", "resume a paused run", .resume, inverse: .pause)
}
