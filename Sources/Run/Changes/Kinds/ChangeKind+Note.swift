extension ChangeKind {
  /// Writes a text into the journal.
  package static let note = ChangeKind(
    "note", "write a line to the run's journal and log",
    arguments: [
      ChangeArgument("text", "TEXT", .text(limit: 1000), "the text of the note", isNeeded: true)
    ],
    make: { values in .note(Note(values.text("text") ?? "")) },
    values: { change in
      if case .note(let note) = change { ["text": .text(note.text)] } else { [:] }
    },
    words: { change in
      if case .note(let note) = change { note.text } else { "" }
    })
}
