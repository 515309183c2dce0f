/// The cost and effects of a phase before it begins.
package struct PhasePreview: Codable, Sendable, Equatable {
  /// The phase that would begin or, for `back`, the phase that the run would return to.
  package var phase: PhaseStatus
  /// The first step of the phase, and the resulting number of steps in the whole run.
  @Count package var first: Int
  @Count package var steps: Int
  /// Images in a step, over all its micro-batches.
  @Count package var imagesPerStep: Int
  /// Steps that going back discards; `nil` for a phase that begins.
  package var dropped: Int?
  /// The steps of the present phase that will not be computed; `nil` if none, or if it is unknown.
  package var givenUp: Int?
  /// Bytes that the phase's engine and prepared batches need, and bytes that are available for
  /// them; the latter is `nil` if the system does not report it.
  @Count package var memoryNeeded: Int
  package var memoryAvailable: Int?
  /// The computing time of a step in seconds, and whether a trial step measured it. If not, it is
  /// the current step time scaled by floating point operations; `nil` before the run's first step.
  package var stepSeconds: Double?
  package var isMeasured: Bool
  /// The duration of the phase, and the time left until the end of the run, in seconds.
  package var phaseSeconds: Double?
  package var timeLeft: Double?
  /// Why the phase cannot begin; `nil` if it can.
  package var refusal: String?
  /// The schedules as they would be with the phase.
  package var plan: [PlannedCurve]

  enum CodingKeys: String, CodingKey {
    case phase, first, steps, dropped, refusal, plan
    case imagesPerStep = "images_per_step"
    case memoryNeeded = "memory_needed"
    case memoryAvailable = "memory_available"
    case stepSeconds = "step_seconds"
    case isMeasured = "is_measured"
    case givenUp = "given_up"
    case phaseSeconds = "phase_seconds"
    case timeLeft = "time_left"
  }

  package init(
    phase: PhaseStatus, first: Int, steps: Int, imagesPerStep: Int, dropped: Int? = nil,
    memoryNeeded: Int, memoryAvailable: Int?, stepSeconds: Double? = nil,
    isMeasured: Bool = false, phaseSeconds: Double? = nil, timeLeft: Double? = nil,
    refusal: String? = nil, plan: [PlannedCurve]
  ) {
    self.phase = phase
    self.first = first
    self.steps = steps
    self.imagesPerStep = imagesPerStep
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
