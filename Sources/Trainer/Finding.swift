import Run

/// What was found before a run has an observer. It is logged when the run begins.
typealias Finding = (level: RunEvent.Level, kind: String, text: String)
