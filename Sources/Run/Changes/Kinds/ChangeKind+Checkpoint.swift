extension ChangeKind {
  /// Writes a checkpoint after the current step.
  package static let checkpoint = ChangeKind(
    "checkpoint", "write a checkpoint now",
    arguments: [
      ChangeArgument(
        "name", "LABEL", .text(limit: 64), "a name for the checkpoint, which is then never removed",
        option: "as")
    ],
    make: { values in .checkpoint(name: values.text("name")) },
    values: { change in
      if case .checkpoint(let name?) = change { ["name": .text(name)] } else { [:] }
    },
    words: { change in
      if case .checkpoint(let name?) = change { "as \(name)" } else { "" }
    })

  /// Writes a checkpoint and ends the daemon.
  package static let stop = ChangeKind(
    "stop", "write a checkpoint and end the run; dino start resumes it", role: .owner, .stop)
}
