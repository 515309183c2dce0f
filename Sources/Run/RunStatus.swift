/// What a run is doing.
package enum RunState: String, Codable, Sendable {
  case starting, running, paused, stopping, stopped, finished, failed

  /// Whether a daemon is at work on it.
  package var isAlive: Bool {
    switch self {
    case .starting, .running, .paused, .stopping: true
    case .stopped, .finished, .failed: false
    }
  }
}

/// Where a run stands: what a header shows.
package struct RunStatus: Codable, Sendable, Equatable {
  package var name: String
  package var state: RunState
  /// Steps done and steps planned.
  package var step: Int
  package var steps: Int
  package var phase: PhaseStatus
  /// All phases that the run has, in order; nil where the daemon does not tell.
  package var phases: [PhaseStatus]?
  /// The run that it began from; nil: from nothing.
  package var origin: RunOrigin?
  /// Seconds of training left at the present rate; nil before the first steps.
  package var timeLeft: Double?
  /// When this daemon took the run up, in seconds since 1970.
  package var startedAt: Double
  /// The daemon's process.
  package var pid: Int32
  /// `vit_small/14`, and how many parameters the student's backbone has.
  package var arch: String
  package var parameters: Int
  /// The backbone's width and the DINO head's prototypes (K): the upper bounds of effective rank
  /// and, as ln K, of the teacher's entropy. Nil where the daemon does not tell.
  package var embedDim: Int?
  package var prototypes: Int?
  /// What is trained on: `embedded`, or the folder, and how many images it has.
  package var data: String
  package var images: Int
  package var batchSize: Int
  package var runDirectory: String
  /// Why a run failed, or what it waits for.
  package var message: String?

  enum CodingKeys: String, CodingKey {
    case name, state, step, steps, phase, phases, origin, pid, arch, parameters, data, images
    case message
    case embedDim = "embed_dim"
    case prototypes
    case timeLeft = "time_left"
    case startedAt = "started_at"
    case batchSize = "batch_size"
    case runDirectory = "run_directory"
  }

  package init(
    name: String, state: RunState, step: Int, steps: Int, phase: PhaseStatus, timeLeft: Double?,
    startedAt: Double, pid: Int32, arch: String, parameters: Int, data: String, images: Int,
    batchSize: Int, runDirectory: String, message: String? = nil, embedDim: Int? = nil,
    prototypes: Int? = nil
  ) {
    self.name = name
    self.state = state
    self.step = step
    self.steps = steps
    self.phase = phase
    self.timeLeft = timeLeft
    self.startedAt = startedAt
    self.pid = pid
    self.arch = arch
    self.parameters = parameters
    self.data = data
    self.images = images
    self.batchSize = batchSize
    self.runDirectory = runDirectory
    self.message = message
    self.embedDim = embedDim
    self.prototypes = prototypes
  }
}

extension RunStatus {
  /// Moves on to a step of the present phase.
  mutating func advance(to step: Int) {
    phase.step = min(max(phase.step + step - self.step, 0), phase.steps)
    if let phases, phases.indices.contains(phase.index), phases[phase.index].name == phase.name {
      self.phases![phase.index].step = phase.step
    }
    self.step = step
  }
}
