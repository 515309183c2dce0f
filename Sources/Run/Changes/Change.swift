/// A change that can be made to a run while it trains.
///
/// `ChangeRequest` is a change together with the client that asks for it. `JournalEntry` is a
/// change that was made. `kinds` has one row for each kind of change, which holds everything that
/// is known about it. No other code distinguishes the kinds by name.
package enum Change: Sendable, Equatable {
  case pause
  case resume
  /// Writes a checkpoint, and names it unless `name` is `nil`.
  case checkpoint(name: String? = nil)
  case stop
  case set(SetSchedule)
  /// Several changes of schedules, all of them or none. The journal has an entry for each.
  case together([SetSchedule])
  case phase(PhaseRequest)
  case back
  /// Goes back to a checkpoint of the present phase and computes its steps again.
  case rewind(Rewind)
  /// Takes or gives back control of the run.
  case control(Control)
  case note(Note)
}
