import Run

/// What was found outside the trainer's own work, such as before a run has an observer. It is logged as
/// an event.
package typealias Finding = (level: RunEvent.Level, kind: String, text: String)
