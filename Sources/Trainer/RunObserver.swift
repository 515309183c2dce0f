import Run

/// Who is told of a run as it goes on: the daemon's publisher, or a test.
///
/// Called on the trainer's thread; must return at once, since training waits.
package protocol RunObserver: AnyObject {
  /// A step has ended.
  func stepped(_ sample: Sample)
  /// The run's state or the description of its phase has changed.
  func changed(_ status: RunStatus)
  /// Something happened that was written to the run's log.
  func happened(_ event: RunEvent)
  /// An evaluation of the features has ended.
  func evaluated(_ evaluation: Evaluation)
  /// An entry was added to the run's journal.
  func journaled(_ entry: JournalEntry)
  /// The planned curves of the schedules were computed, or changed.
  func planned(_ curves: [PlannedCurve])
  /// A phase has begun; its status is told beside.
  func entered(_ phase: PhaseStatus)
  /// A change was made; `step` is the first that feels it, `undo` the change that takes it back.
  func applied(_ id: String, step: Int, undo: Change?)
  /// What a phase would cost, for who asked.
  func previewed(_ id: String, _ preview: PhasePreview)
  /// A command turned out not to be possible.
  func rejected(_ id: String, reason: String)
}
