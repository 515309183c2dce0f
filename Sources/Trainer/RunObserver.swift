import Run

/// An observer of a run: the daemon's publisher, an output for other programs, or a test.
///
/// All methods are called on the trainer's thread and must return at once, since training waits. One
/// that an observer does not have does nothing.
package protocol RunObserver: AnyObject {
  /// A step has ended.
  func stepped(_ sample: Sample)
  /// The state of the run, its progress, or its description has changed.
  func changed(_ status: RunStatus)
  /// An event was written to the run's log.
  func happened(_ event: RunEvent)
  /// The features were evaluated.
  func evaluated(_ evaluation: ProbeResult)
  /// Some of the probe's images were pictured.
  func pictured(_ pictures: [ProbePicture])
  /// An entry was added to the run's journal.
  func journaled(_ entry: JournalEntry)
  /// The planned curves of the schedules were computed, or changed.
  func planned(_ curves: [PlannedCurve])
  /// A phase has begun. `changed` reports the run's status separately.
  func entered(_ phase: PhaseStatus)
  /// A change was made. `step` is the first step that it affects; `undo` is the change that
  /// reverses it, `nil` if there is none. `note` says what the client should know besides.
  func applied(_ id: String, step: Int, undo: Change?, note: String?)
  /// A preview of a change was computed for the client that requested it.
  func previewed(_ id: String, _ preview: Preview)
  /// A change was refused.
  func rejected(_ id: String, reason: String)
  /// Returns what went wrong with the observer's own work since the last call. It is recorded as
  /// events of the run, and changes nothing else.
  func findings() -> [Finding]
}

extension RunObserver {
  /// Does nothing.
  package func stepped(_ sample: Sample) {}
  /// Does nothing.
  package func changed(_ status: RunStatus) {}
  /// Does nothing.
  package func happened(_ event: RunEvent) {}
  /// Does nothing.
  package func evaluated(_ evaluation: ProbeResult) {}
  /// Does nothing.
  package func pictured(_ pictures: [ProbePicture]) {}
  /// Does nothing.
  package func journaled(_ entry: JournalEntry) {}
  /// Does nothing.
  package func planned(_ curves: [PlannedCurve]) {}
  /// Does nothing.
  package func entered(_ phase: PhaseStatus) {}
  /// Does nothing.
  package func applied(_ id: String, step: Int, undo: Change?, note: String?) {}
  /// Does nothing.
  package func previewed(_ id: String, _ preview: Preview) {}
  /// Does nothing.
  package func rejected(_ id: String, reason: String) {}
  /// Nothing went wrong.
  package func findings() -> [Finding] { [] }
}
