import Crops
import Engine
import History
import Kernels
import Recipe
import Run
import Schedule
import Store
import Support
import Tensor
import Weights

/// Trains a run: restores its state, computes step by step, and carries out requests between
/// steps.
///
/// This file restores a run; `Trainer+Run.swift` trains it. One thread owns the trainer.
package final class Trainer {
  /// The recipe of the whole run, phases included.
  let wholeRecipe: Recipe
  let directory: RunDirectory
  let mailbox: ChangeMailbox
  let problems = ProblemList()
  /// The run's lock; `nil` in tests, whose folders nobody else has.
  let lock: RunLock?
  let recorder: RunRecorder
  let checkpoints: CheckpointStore
  /// The processes of the run, of which this is the first.
  let team: ProcessTeam
  private let kernelMaker: (any Collectives) -> any Kernels & PairKernels
  /// All images, including those of the probe.
  let images: any ImageSource
  /// The fingerprint of the images; `nil` if they are not files.
  let imagesFingerprint: String?

  /// The objects of the present phase. Only `restore` sets it; it is `nil` only if that has
  /// thrown.
  var runtime: PhaseRuntime!
  /// The teacher of a distillation; `nil` for other recipes.
  private(set) var frozenTeacher: FrozenTeacher?
  var plan: SchedulePlan
  /// The changes that were made. If steps are computed again after a kill, this includes changes
  /// that apply to them.
  var journal: Journal
  /// The accuracies that the probe measured before the first step.
  var baselines: [Metric: Double]
  var pace = Pace()
  /// Whether the run is paused, by a request or by itself.
  var isPaused = false
  /// Whether the run paused itself and waits for a decision.
  var pausedItself = false
  /// Tells whether what a paused run waits for is in order again; `nil` if it waits for a decision.
  var outage: (() -> Bool)?
  var isStopping = false
  /// Whether the probe found nothing better for so long that the run ends.
  var endsEarly = false
  /// Whether the loader was stopped, and must be started before the next step.
  var isLoaderStopped = false
  /// Whether an earlier daemon finished the run. Such a run is not changed.
  private(set) var wasFinished = false
  /// Recognises gradients that grow without bound, and the last step that was not sound; `nil` if
  /// all were.
  var divergence = Divergence()
  var troubled: Int?
  /// The gradient norms of the last steps of the phase, by which spikes are recognised.
  var norms = GradientNorms()
  /// The results of the run's main probe, by which the best checkpoint is chosen.
  var probeResults: [ProbeResult]
  /// What the probe last showed of the run's features.
  var learned = Learning.Verdict.unknown
  /// Pictures of crops of the last step, if a probe follows it.
  var cropPictures: [ProbePicture] = []
  /// How this process and the others spend their steps.
  var clock = ProcessClock()
  /// The step that is recorded, and its file; `nil` if none is to be.
  package var tracing: StepTracing?
  /// The step after which the run is stopped; `nil` for its end.
  package var last: Int?
  /// The number of consecutive steps whose numbers were not finite.
  var unsoundSteps = 0
  var lastCheckpoint = 0
  /// That the processes hold different states; the run ends then.
  var mismatch: StateMismatch?
  /// Whether it was logged that the processes round differently.
  var isRoundingNoted = false
  /// What was found before there was an observer; it is logged when the run begins.
  var findings: [Finding] = []
  var statusRecorded = 0.0
  package internal(set) var step = 0
  package internal(set) var status: RunStatus

  /// The recipe of the present phase.
  var recipe: Recipe { runtime.phase.recipe }
  var engine: Engine { runtime.engine }
  var loader: BatchLoader { runtime.loader }
  var probe: Probe? { runtime.probe }

  /// Opens the images and restores the latest checkpoint of the run, if it has one.
  ///
  /// The caller holds the run's lock. Throws if images, memory or checkpoint make training
  /// impossible.
  ///
  /// - Parameters:
  ///   - lock: the run's lock, which the caller holds.
  ///   - notices: warnings about the machine, to be logged.
  ///   - acceptsChangedImages: whether the run goes on although its images have changed.
  ///   - team: the processes that share the run's ranks.
  ///   - makeKernels: makes a backend with a connection to other processes; the probe and trials make
  ///     further ones.
  package init(
    recipe: Recipe, directory: RunDirectory, program: String, mailbox: ChangeMailbox,
    lock: RunLock? = nil, notices: [String] = [], acceptsChangedImages: Bool = false,
    team: ProcessTeam = ProcessTeam(),
    makeKernels: @escaping (any Collectives) -> any Kernels & PairKernels
  ) throws {
    wholeRecipe = recipe
    self.directory = directory
    self.mailbox = mailbox
    self.lock = lock
    self.team = team
    kernelMaker = makeKernels
    let data = try Self.dataAtStart(recipe)
    images = data.opened
    let found = try RunImages(data, of: directory)
    imagesFingerprint = found.fingerprint
    frozenTeacher = try FrozenTeacher(recipe, of: directory)
    checkpoints = CheckpointStore(directory: directory.checkpoints, program: program)
    let history = try HistoryWriter(directory: directory)
    let past = try SavedRun(directory, checkpoints, images: found.fingerprint)
    try found.check(directory, steps: past.latest?.step ?? 0, isAccepted: acceptsChangedImages)
    plan = try SchedulePlan(recipe, journal: past.journal)
    journal = past.journal
    baselines = past.baselines
    probeResults = past.probeResults
    recorder = RunRecorder(history: history, directory: directory, lock: lock)
    status = RunStatus(starting: directory)
    let phase = plan.phases.phase(at: (past.latest?.step ?? 0) + 1)
    if past.latest != nil { try checkMemory(for: phase) }
    wasFinished = past.isFinished
    var notes = try restore(past.latest, for: phase)
    notes += try frozenTeacher?.saveCopy(recipe, in: directory, program: program) ?? []
    try takeOrigin()
    try history.rewind(to: step, journal: journal)
    findings = past.interruption
    findings += try past.setAside(in: checkpoints).map { (.warning, "checkpoint", $0) }
    findings += branching + notices.map { (.warning, "machine", $0) }
    findings += recipe.notices.map { (.info, "recipe", $0) } + runtime.data.notes + notes
    findings += try found.keep(in: directory, step: step)
  }

  /// The images with which a run starts. Masks have to be usable then; later it goes on without them.
  private static func dataAtStart(_ recipe: Recipe) throws -> TrainingData {
    try ProbeSegmentation.check(recipe)
    return try TrainingData(recipe)
  }

  /// Makes a backend without a connection to other processes.
  func makeKernels() -> any Kernels { kernelMaker(SingleProcess()) }

  /// Takes in where the run comes from. Whoever had control of the parent has none of a branch that begins.
  private func takeOrigin() throws {
    status.origin = try directory.origin()
    try directory.keepWeightsOrigin()
    let now = Clock.wall()
    guard let origin = status.origin, origin.kind == RunOrigin.branch, step == origin.step,
      let controller = journal.controller(at: now)
    else { return }
    journal.append(
      JournalEntry(
        id: "release-\(status.name)", time: now, step: step + 1, client: controller.person,
        change: .control(Control(.release))))
  }

  /// Says from where a branch that begins continues; empty for other runs.
  private var branching: [Finding] {
    guard let origin = status.origin, origin.kind == RunOrigin.branch, step == origin.step else {
      return []
    }
    return [(.info, origin.kind, "continues from step \(origin.step) of \(origin.run)")]
  }

  /// Restores a checkpoint (`nil` for the beginning of the run) and prepares the steps of a phase.
  /// Runs begin, resume, enter a phase and go back in this one way. Returns notes for the run's
  /// log.
  func restore(_ checkpoint: Checkpoint?, for phase: Phase) throws -> [Finding] {
    baselines = runtime?.probe?.baselines ?? baselines
    // Frees the old memory before as much is reserved again.
    runtime = nil
    let fresh = try PhaseRuntime(
      phase, images: images, fingerprint: imagesFingerprint, frozenTeacher: frozenTeacher,
      baselines: baselines, problems: problems, team: team, makeKernels: kernelMaker)
    var notes: [Finding] = []
    if let checkpoint {
      notes = try fresh.load(checkpoint)
    } else {
      notes = try fresh.engine.begin(phase.recipe, runs: FilePath.parent(of: directory.path))
      try keepOrigin(of: phase.recipe.student.pretrainedWeights)
    }
    fresh.shareState()
    runtime = fresh
    norms = try checkpoint?.norms(before: phase) ?? GradientNorms()
    step = checkpoint?.step ?? 0
    lastCheckpoint = step
    pace = Pace()
    status.describe(fresh, plan.phases, step: step)
    return notes
  }

  /// Records where the weights are from with which the run begins, so that what is exported names their licence.
  private func keepOrigin(of weights: String) throws {
    let runs = FilePath.parent(of: directory.path)
    guard !weights.isEmpty, let origin = try WeightsInput.open(weights, runs: runs).origin()
    else { return }
    try directory.write(origin)
  }

  /// Sets the observer, which is held weakly.
  package func observe(by observer: any RunObserver) { recorder.observer = observer }

  /// Returns the run so far, as the database has it.
  package func record() throws -> RunRecord {
    recorder.flush()
    var record = (try? HistoryReader(directory: directory).record()) ?? RunRecord(status: status)
    record.set(status)
    record.set(plan.curves())
    return record
  }
}

extension Trainer {
  /// Records an event in the log and the history.
  func note(_ kind: String, _ text: String, _ level: RunEvent.Level = .info) {
    recorder.record(
      RunEvent(
        time: Clock.wall(), step: step, level: level, kind: kind, text: PrintableText.line(text)))
  }

  /// Sets the state of the run and records the status.
  func enter(_ state: RunState, message: String? = nil) {
    status.state = state
    status.message = message
    updateProgress()
    recorder.record(status)
  }

  /// Sets the present step in the status.
  func updateProgress() {
    status.step = step
    // There is none if a phase could not be built; the run has failed then.
    guard let runtime else { return }
    status.phase.step = min(max(step - runtime.phase.first + 1, 0), status.phase.steps)
  }
}
