/// What a change would do, computed before it is made.
package struct ChangePreview: Codable, Sendable, Equatable {
  /// The first step that the change would affect.
  @Count package var first: Int
  /// Why the change cannot be made; `nil` if it can.
  package var refusal: String?
  /// The steps that would be computed again; `nil` if none would.
  package var dropped: Int?
  /// The schedules that it would move, as they are and as they would be.
  package var before: [PlannedCurve]
  package var after: [PlannedCurve]
  /// Bytes that it would write to the disk; `nil` if it writes none, or if that is unknown.
  package var bytes: Int?

  enum CodingKeys: String, CodingKey { case first, refusal, dropped, before, after, bytes }

  package init(
    first: Int, refusal: String? = nil, dropped: Int? = nil, before: [PlannedCurve] = [],
    after: [PlannedCurve] = [],
    bytes: Int? = nil
  ) {
    self.first = first
    self.refusal = refusal
    self.dropped = dropped
    self.before = before
    self.after = after
    self.bytes = bytes
  }
}

/// The answer to a client that asks what a change would do.
package enum Preview: Sendable, Equatable {
  /// Of a phase that would begin, or to which the run would go back.
  case phase(PhasePreview)
  /// Of any other change.
  case change(ChangePreview)
}
