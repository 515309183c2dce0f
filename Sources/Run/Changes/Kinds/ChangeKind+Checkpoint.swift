extension ChangeKind {
  /// Writes a checkpoint after the current step.
  package static let checkpoint = ChangeKind("checkpoint", "write a checkpoint now", .checkpoint)

  /// Writes a checkpoint and ends the daemon.
  package static let stop = ChangeKind(
    "stop", "write a checkpoint and end the run; dino start resumes it", role: .owner, .stop)
}
