/// The metrics of one training step.
package struct Sample: Codable, Sendable, Equatable {
  /// The step they belong to; the first is 1.
  package var step: Int
  /// When the step ended, in seconds since 1970.
  package var time: Double
  /// The values measured; what a step does not measure is absent. Never NaN: a value that is not
  /// finite is absent here and an event says so.
  package var values: [Metric: Double]

  enum CodingKeys: String, CodingKey { case step, time, values }

  package init(step: Int, time: Double, values: [Metric: Double]) {
    self.step = step
    self.time = time
    self.values = values
  }

  package subscript(_ metric: Metric) -> Double? { values[metric] }
}

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

/// The resolution phase that a run is in.
package struct PhaseStatus: Codable, Sendable, Equatable {
  /// The phase's name in the recipe.
  package var name: String
  /// Its place among the phases, from 0, and how many there are.
  package var index: Int
  package var count: Int
  /// Steps done in the phase, and steps it has.
  package var step: Int
  package var steps: Int
  /// Side of the global and local crops, in pixels.
  package var globalCropsSize: Int
  package var localCropsSize: Int
  /// Patches of a global crop's side; nil where the daemon does not tell.
  package var grid: Int?

  // Names on the wire and in the database are in snake case throughout.
  enum CodingKeys: String, CodingKey {
    case name, index, count, step, steps, grid
    case globalCropsSize = "global_crops_size"
    case localCropsSize = "local_crops_size"
  }

  package init(
    name: String, index: Int, count: Int, step: Int, steps: Int, globalCropsSize: Int,
    localCropsSize: Int, grid: Int? = nil
  ) {
    self.name = name
    self.index = index
    self.count = count
    self.step = step
    self.steps = steps
    self.globalCropsSize = globalCropsSize
    self.localCropsSize = localCropsSize
    self.grid = grid
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

/// Something that happened in a run and that a person should be able to read later.
package struct RunEvent: Codable, Sendable, Equatable {
  package enum Level: String, Codable, Sendable { case info, warning, error }

  package var time: Double
  package var step: Int
  package var level: Level
  /// A short word for the sort of event: `start`, `checkpoint`, `set`, `image`, `health`, …
  package var kind: String
  package var text: String

  package init(time: Double, step: Int, level: Level, kind: String, text: String) {
    self.time = time
    self.step = step
    self.level = level
    self.kind = kind
    self.text = text
  }
}

/// The outcome of a probe: accuracies on held-out labelled images.
package struct Evaluation: Codable, Sendable, Equatable {
  package var step: Int
  package var time: Double
  /// `knn`; of a distillation's further students `knn vit_small`.
  package var name: String
  /// Accuracies, 0 to 1, by metric.
  package var values: [Metric: Double]
  /// Images that were judged, and classes among them.
  package var images: Int
  package var classes: Int

  /// The probe that stands for the run.
  package static let knn = "knn"

  enum CodingKeys: String, CodingKey { case step, time, name, values, images, classes }

  package init(
    step: Int, time: Double, name: String, values: [Metric: Double], images: Int, classes: Int
  ) {
    self.step = step
    self.time = time
    self.name = name
    self.values = values
    self.images = images
    self.classes = classes
  }
}

/// A command that a run carried out: who changed what, when.
package struct JournalEntry: Codable, Sendable, Equatable {
  /// The command's id; a second one with the same id is not carried out again.
  package var id: String
  package var time: Double
  /// The step that is the first to feel it.
  package var step: Int
  /// Who sent it: `dino set (anna@workstation)`; `recipe` for a phase that began as planned.
  package var client: String
  /// `pause`, `resume`, `checkpoint`, `stop`, `set`, `phase`, `back`.
  package var command: String
  /// For `back`: the id of the `phase` that it undoes. For `set`: the schedule, its value before and after (`new` nil: back to the recipe's
  /// schedule), and the steps over which it goes from one to the other.
  package var key: String?
  package var old: Double?
  package var new: Double?
  package var over: Int?
  /// For `phase`: the phase that began and those after it, in full, as one line of YAML.
  package var definition: String?

  package init(
    id: String, time: Double, step: Int, client: String, command: String, key: String? = nil,
    old: Double? = nil, new: Double? = nil, over: Int? = nil, definition: String? = nil
  ) {
    self.id = id
    self.time = time
    self.step = step
    self.client = client
    self.command = command
    self.key = key
    self.old = old
    self.new = new
    self.over = over
    self.definition = definition
  }
}

extension JournalEntry {
  /// The client in entries that the run made of itself, which no client of the wire may call itself.
  package static let reservedClient = "recipe"
}

extension [JournalEntry] {
  /// What still holds: without a phase that was gone back from and what came within it.
  package var effective: [JournalEntry] {
    var kept: [JournalEntry] = []
    for entry in self {
      if entry.command == "back", let start = kept.firstIndex(where: { $0.id == entry.key }) {
        kept.removeSubrange(start...)
      }
      kept.append(entry)
    }
    return kept
  }
}

/// A schedule's planned values from the run's first step to its last, live changes included.
package struct PlannedCurve: Codable, Sendable, Equatable {
  package var metric: Metric
  /// Steps (rising) and the value at each.
  package var steps: [Int]
  package var values: [Double]

  package init(metric: Metric, steps: [Int], values: [Double]) {
    self.metric = metric
    self.steps = steps
    self.values = values
  }
}

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
