import Run

/// What the daemon answers on `control`: `ok` or `rejected`; or `accepted` and later, in a message
/// of its own with the same id, `applied` (or `rejected`, where it turned out not to be possible).
package struct Reply: Codable, Sendable, Equatable {
  package enum Outcome: String, Codable, Sendable { case ok, rejected, accepted, applied }

  package var id: String
  package var outcome: Outcome
  /// Why it was rejected, in one line that says how to do it right.
  package var reason: String?
  /// For `applied`: the first step that feels it, and the change that would take it back.
  package var step: Int?
  package var undo: Change?
  /// For `hello`: the daemon's protocol version and the run's name.
  package var version: Int?
  package var run: String?
  /// For `snapshot` and `status`.
  package var snapshot: Snapshot?
  package var status: RunStatus?
  /// For `preview`, which is `accepted` first.
  package var preview: PhasePreview?

  package init(
    id: String, outcome: Outcome, reason: String? = nil, step: Int? = nil, undo: Change? = nil,
    version: Int? = nil, run: String? = nil, snapshot: Snapshot? = nil, status: RunStatus? = nil,
    preview: PhasePreview? = nil
  ) {
    self.id = id
    self.outcome = outcome
    self.reason = reason
    self.step = step
    self.undo = undo
    self.version = version
    self.run = run
    self.snapshot = snapshot
    self.status = status
    self.preview = preview
  }
}
