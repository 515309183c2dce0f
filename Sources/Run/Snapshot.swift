/// Everything a viewer needs that arrives late: the run so far, thinned to what a screen can show.
package struct Snapshot: Codable, Sendable, Equatable {
  package var status: RunStatus
  /// The last number published before this snapshot was taken.
  package var sequence: Int
  /// The whole history, thinned evenly to at most some thousand samples, the latest included.
  package var samples: [Sample]
  package var events: [RunEvent]
  package var evaluations: [Evaluation]
  package var journal: [JournalEntry]
  package var plan: [PlannedCurve]

  enum CodingKeys: String, CodingKey {
    case status, sequence, samples, events, evaluations, journal, plan
  }

  package init(
    status: RunStatus, sequence: Int, samples: [Sample], events: [RunEvent],
    evaluations: [Evaluation], journal: [JournalEntry], plan: [PlannedCurve]
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
