/// What a phase would cost and change, before it begins.
package struct PhasePreview: Codable, Sendable, Equatable {
  /// The phase, not yet begun, or the one that is gone back to.
  package var phase: PhaseStatus
  /// The first step that would belong to it, and the steps that the run would have.
  package var first: Int
  package var steps: Int
  package var batchSize: Int
  /// Steps that going back drops; nil for a phase that begins.
  package var dropped: Int?
  /// Bytes of its engine and batches, and bytes that there are for them; nil where the system does
  /// not tell.
  package var memoryNeeded: Int
  package var memoryAvailable: Int?
  /// Seconds that a step computes, and whether a trial step measured it: else it is the present
  /// step's, scaled by floating point operations. Nil before the run has done a step.
  package var stepSeconds: Double?
  package var isMeasured: Bool
  /// Seconds of the phase, and until the run's end.
  package var phaseSeconds: Double?
  package var timeLeft: Double?
  /// Why it cannot begin; nil: it can.
  package var refusal: String?
  /// The schedules as they would be.
  package var plan: [PlannedCurve]

  enum CodingKeys: String, CodingKey {
    case phase, first, steps, dropped, refusal, plan
    case batchSize = "batch_size"
    case memoryNeeded = "memory_needed"
    case memoryAvailable = "memory_available"
    case stepSeconds = "step_seconds"
    case isMeasured = "is_measured"
    case phaseSeconds = "phase_seconds"
    case timeLeft = "time_left"
  }

  package init(
    phase: PhaseStatus, first: Int, steps: Int, batchSize: Int, dropped: Int? = nil,
    memoryNeeded: Int, memoryAvailable: Int?, stepSeconds: Double? = nil,
    isMeasured: Bool = false, phaseSeconds: Double? = nil, timeLeft: Double? = nil,
    refusal: String? = nil, plan: [PlannedCurve]
  ) {
    self.phase = phase
    self.first = first
    self.steps = steps
    self.batchSize = batchSize
    self.dropped = dropped
    self.memoryNeeded = memoryNeeded
    self.memoryAvailable = memoryAvailable
    self.stepSeconds = stepSeconds
    self.isMeasured = isMeasured
    self.phaseSeconds = phaseSeconds
    self.timeLeft = timeLeft
    self.refusal = refusal
    self.plan = plan
  }
}
