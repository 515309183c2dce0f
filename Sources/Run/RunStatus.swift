/// The state of a run.
package enum RunState: String, CaseIterable, Codable, Sendable {
  case starting, running, paused, stopping, stopped, finished, failed

  /// A state of a later version counts as running: who says it is at work.
  package init(from decoder: any Decoder) throws {
    self = RunState(rawValue: try String(from: decoder)) ?? .running
  }

  /// Whether a daemon is working on the run.
  package var isAlive: Bool {
    switch self {
    case .starting, .running, .paused, .stopping: true
    case .stopped, .finished, .failed: false
    }
  }
}

/// What a daemon works on.
package enum WorkKind: String, Codable, Sendable {
  /// The curation of a heap of images, whose stages are its phases and whose steps are the things that
  /// they look at.
  case curation
  /// What only a later version knows. It is shown as a run is.
  case other

  package init(from decoder: any Decoder) throws {
    self = WorkKind(rawValue: try String(from: decoder)) ?? .other
  }
}

/// The status of a run: its progress and the facts that a header shows.
package struct RunStatus: Codable, Sendable, Equatable {
  /// The run's name and state.
  package var name: String
  package var state: RunState
  /// What it is if it is not the training of a model.
  package var kind: WorkKind?
  /// Steps done, and steps planned.
  @Count package var step: Int
  @Count package var steps: Int
  /// The current phase.
  package var phase: PhaseStatus
  /// All phases of the run, in order; `nil` if the daemon does not report them.
  package var phases: [PhaseStatus]?
  /// The run from which this one began; `nil` if it began from a recipe alone.
  package var origin: RunOrigin?
  /// Seconds of training left at the current rate; `nil` before the first steps.
  package var timeLeft: Double?
  /// When this daemon started or resumed the run, in seconds since 1970.
  package var startedAt: Double
  /// The daemon's process id.
  package var pid: Int32
  /// The architecture, such as `vit_small/14`, and the number of parameters in the student's
  /// backbone.
  package var arch: String
  @Count package var parameters: Int
  /// The width of the backbone, and the number of prototypes K of the DINO head. They bound the
  /// effective rank and, as ln K, the teacher's entropy. `nil` if the daemon does not report them.
  package var embedDim: Int?
  package var prototypes: Int?
  /// The highest effective rank that a batch can have: of its width, and the global crops of a micro-batch less
  /// their mean, the smaller. `nil` if the daemon does not report it.
  package var rankBound: Int?
  /// The training data (`embedded` or a folder), and the number of images in it.
  package var data: String
  @Count package var images: Int
  /// Images in a step, over all its micro-batches.
  @Count package var imagesPerStep: Int
  /// The path of the run's directory.
  package var runDirectory: String
  /// Why the run failed, or what it waits for.
  package var message: String?
  /// The processes that share the run's ranks; `nil` if there is only one.
  package var processes: [ProcessStatus]?
  /// The machine of the first process, and what the memory is for; `nil` if the daemon does not report it.
  package var machine: MachineStatus?

  enum CodingKeys: String, CodingKey {
    case name, state, kind, step, steps, phase, phases, origin, pid, arch, parameters, data, images
    case message, processes, machine
    case embedDim = "embed_dim"
    case rankBound = "rank_bound"
    case prototypes
    case timeLeft = "time_left"
    case startedAt = "started_at"
    case imagesPerStep = "images_per_step"
    case runDirectory = "run_directory"
  }

  package init(
    name: String, state: RunState, step: Int, steps: Int, phase: PhaseStatus, timeLeft: Double?,
    startedAt: Double, pid: Int32, arch: String, parameters: Int, data: String, images: Int,
    imagesPerStep: Int, runDirectory: String, message: String? = nil, embedDim: Int? = nil,
    prototypes: Int? = nil, kind: WorkKind? = nil
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
    self.imagesPerStep = imagesPerStep
    self.runDirectory = runDirectory
    self.message = message
    self.embedDim = embedDim
    self.prototypes = prototypes
    self.kind = kind
  }
}

extension RunStatus {
  /// Moves the run's and the current phase's progress to a step.
  mutating func advance(to step: Int) {
    phase.step = min(max(phase.step + step - self.step, 0), phase.steps)
    if let phases, phases.indices.contains(phase.index), phases[phase.index].name == phase.name {
      self.phases![phase.index].step = phase.step
    }
    self.step = step
  }
}
