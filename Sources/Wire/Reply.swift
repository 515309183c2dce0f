import Run

/// The daemon's reply on `control`.
///
/// A query is answered with `ok` or `rejected`. A change is answered with `accepted` or
/// `rejected`; after `accepted`, a second reply with the same id says `applied`, or `rejected` if
/// the change turned out to be impossible. A preview is answered like a change, but ends with
/// `ok`.
package struct Reply: Codable, Sendable, Equatable {
  /// What became of a command.
  package enum Outcome: String, Codable, Sendable { case ok, rejected, accepted, applied }

  /// The id of the command, and what became of it.
  package var id: String
  package var outcome: Outcome
  /// Why the command was rejected, in one line that says how to correct it.
  package var reason: String?
  /// For `applied`: the first step that the change affects, and the change that would revert it.
  package var step: Int?
  package var undo: Change?
  /// For `hello`: the daemon's protocol version and the run's name.
  package var version: Int?
  package var run: String?
  /// For `hello` over a network: who the client is by its key, and what it may do.
  package var client: String?
  package var role: ClientRole?
  /// For `runs`.
  package var runs: [RunSummary]?
  /// For `checkpoints`.
  package var checkpoints: [CheckpointFacts]?
  /// For `pictures`.
  package var pictures: KnownList<ProbePicture>?
  /// For `snapshot` and `status`.
  package var snapshot: Snapshot?
  package var status: RunStatus?
  /// How the frames after the first are compressed; `nil` if they are not.
  package var encoding: String?
  /// For `preview`, which is `accepted` first.
  package var preview: PhasePreview?
  /// For a preview of another change than a phase, which is `accepted` first.
  package var expected: ChangePreview?

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

extension Reply {
  /// Creates the reply to a `snapshot` of a record.
  package init(
    id: String, outcome: Outcome, _ record: RunRecord, sequence: Int, scope: SnapshotScope
  ) {
    self.init(
      id: id, outcome: outcome, snapshot: record.snapshot(sequence: sequence, for: scope),
      scope: scope)
  }

  /// Creates the reply to a `snapshot`.
  package init(id: String, outcome: Outcome, snapshot: Snapshot, scope: SnapshotScope) {
    self.init(id: id, outcome: outcome, snapshot: snapshot)
    if scope.isCompressed { encoding = Deflate.name }
  }
}
