/// The run so far, for a viewer that has just connected. Samples are thinned to what a screen can
/// show.
package struct Snapshot: Codable, Sendable, Equatable {
  /// The current status of the run.
  package var status: RunStatus
  /// The sequence number of the last message published before the snapshot was taken.
  @Count package var sequence: Int
  /// The step after which the samples begin, because the client has the earlier ones; `nil` if the
  /// samples are of the whole run.
  package var after: Int?
  /// Samples of the whole run, evenly thinned to at most a few thousand. The latest is always
  /// included.
  package var samples: [Sample]
  /// The latest events, evaluations and journal entries, and the planned schedules, as in
  /// `RunRecord`.
  package var events: [RunEvent]
  package var evaluations: [ProbeResult]
  package var journal: [JournalEntry]
  package var plan: [PlannedCurve]

  enum CodingKeys: String, CodingKey {
    case status, sequence, after, samples, events, evaluations, journal, plan
  }

  package init(
    status: RunStatus, sequence: Int, samples: [Sample], events: [RunEvent],
    evaluations: [ProbeResult], journal: [JournalEntry], plan: [PlannedCurve]
  ) {
    self.status = status
    self.sequence = sequence
    self.samples = samples
    self.events = events
    self.evaluations = evaluations
    self.journal = journal
    self.plan = plan
  }
}
