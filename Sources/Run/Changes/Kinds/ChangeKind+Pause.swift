extension ChangeKind {
  /// Pauses a run between two steps.
  package static let pause = ChangeKind(
    "pause", "pause a run after the step that is being computed", .pause, inverse: .resume)

  /// Ends a pause.
  package static let resume = ChangeKind(
    "resume", "let a paused run go on", .resume, inverse: .pause)
}
