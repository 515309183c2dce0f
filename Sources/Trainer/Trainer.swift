import Crops
import Engine
import History
import Kernels
import Recipe
import Run
import Schedule
import Store
import Support

/// A run: takes it up where it stands, trains it step by step, and carries out requests between steps.
///
/// This file is how a run begins; `Trainer+Run.swift` is how it goes on. One thread owns it.
package final class Trainer {
  /// The recipe of the whole run, phases included.
  let wholeRecipe: Recipe
  let directory: RunDirectory
  let mailbox: ChangeMailbox
  let problems = ProblemList()
  let recorder: RunRecorder
  let checkpoints: CheckpointStore
  let makeKernels: () -> any Kernels
  /// All that there are, the probe's included.
  let images: any ImageSource

  /// What the present phase computes with; `restore` alone sets it, and leaves none only if it throws.
  var runtime: PhaseRuntime!
  /// A distillation's.
  private(set) var frozenTeacher: FrozenTeacher?
  var plan: SchedulePlan
  /// Changes that were made and, where a killed run is computed again, those that its steps will meet.
  var journal: Journal
  /// What the probe measured before anything was learned.
  var baselines: [Metric: Double]
  var pace = Pace()
  /// Whether a person, or a fault, holds the run.
  var isPaused = false
  /// Whether it paused by itself, and waits for what a person decides.
  var isHeld = false
  var isStopping = false
  /// Whether an earlier daemon has ended it: such a run is left as it is.
  private(set) var wasFinished = false
  /// Steps in a row whose numbers were not finite.
  var unsoundSteps = 0
  var lastCheckpoint = 0
  /// What was found before anybody observed: told when the run begins.
  var findings: [Finding] = []
  var statusRecorded = 0.0
  package internal(set) var step = 0
  package internal(set) var status: RunStatus

  typealias Finding = (level: RunEvent.Level, kind: String, text: String)

  /// The recipe of the present phase.
  var recipe: Recipe { runtime.phase.recipe }
  var engine: Engine { runtime.engine }
  var loader: BatchLoader { runtime.loader }
  var probe: Probe? { runtime.probe }

  /// Plans the memory, opens the images and takes the run's latest checkpoint up, if it has one.
  ///
  /// The caller holds the run's lock. `makeKernels` gives a backend; the probe asks for one of its
  /// own. `notices`: what was found out about the machine, to be told. Throws where images, memory or
  /// checkpoint make training impossible.
  package init(
    recipe: Recipe, directory: RunDirectory, program: String, mailbox: ChangeMailbox,
    notices: [String] = [], makeKernels: @escaping () -> any Kernels
  ) throws {
    wholeRecipe = recipe
    self.directory = directory
    self.mailbox = mailbox
    self.makeKernels = makeKernels
    images = try TrainingData(recipe).opened
    frozenTeacher = try FrozenTeacher(recipe, of: directory)
    checkpoints = CheckpointStore(directory: directory.checkpoints, program: program)
    let history = try HistoryWriter(directory: directory)
    let past = try SavedRun(directory, checkpoints)
    plan = try SchedulePlan(recipe, journal: past.journal)
    journal = past.journal
    baselines = past.baselines
    recorder = RunRecorder(history: history, logPath: directory.log)
    status = RunStatus(starting: directory)
    let phase = plan.phases.phase(at: (past.latest?.step ?? 0) + 1)
    if past.latest != nil { try checkMemory(for: phase) }
    wasFinished = past.isFinished
    var notes = try restore(past.latest, for: phase)
    notes += try frozenTeacher?.keep(recipe, in: directory, program: program) ?? []
    status.origin = directory.origin
    try history.rewind(to: step, journal: journal)
    findings = past.damaged.map { (.warning, "checkpoint", $0) }
    if let origin = status.origin, origin.kind == RunOrigin.branch, step == origin.step {
      findings.append(
        (.info, origin.kind, "goes on from step \(origin.step) of \(origin.run)"))
    }
    findings += notices.map { (.warning, "machine", $0) }
    findings += recipe.notices.map { (.info, "recipe", $0) } + runtime.data.notes + notes
  }

  /// Makes the run stand at a checkpoint, nil: at its beginning, ready for the steps of a phase: the
  /// one way in which a run begins, is taken up again, enters a phase and goes back before one. Gives
  /// what a person should be told.
  func restore(_ checkpoint: Checkpoint?, for phase: Phase) throws -> [Finding] {
    baselines = runtime?.probe?.baselines ?? baselines
    // The old memory is given back before as much is taken again.
    runtime = nil
    let fresh = try PhaseRuntime(
      phase, images: images, frozenTeacher: frozenTeacher, baselines: baselines,
      problems: problems, makeKernels: makeKernels)
    var notes: [Finding] = []
    if let checkpoint {
      try fresh.engine.load(checkpoint)
    } else {
      notes = try fresh.engine.begin(phase.recipe, runs: FilePath.parent(of: directory.path))
    }
    runtime = fresh
    step = checkpoint?.step ?? 0
    lastCheckpoint = step
    pace = Pace()
    status.describe(fresh, plan.phases, step: step)
    return notes
  }

  /// Who is told from now on; held weakly.
  package func observe(by observer: any RunObserver) { recorder.observer = observer }

  /// The run so far, as the database has it.
  package func record() throws -> RunRecord {
    recorder.flush()
    var record = (try? HistoryReader(directory: directory).record()) ?? RunRecord(status: status)
    record.set(status)
    record.set(plan.curves())
    return record
  }
}

extension Trainer {
  /// Tells of something that a person should be able to read later.
  func note(_ kind: String, _ text: String, _ level: RunEvent.Level = .info) {
    recorder.record(
      RunEvent(
        time: Clock.wall(), step: step, level: level, kind: kind, text: PrintableText.line(text)))
  }

  /// Changes what the run is doing, and says so.
  func enter(_ state: RunState, message: String? = nil) {
    status.state = state
    status.message = message
    updateProgress()
    recorder.record(status)
  }

  /// Puts the present step into the status.
  func updateProgress() {
    status.step = step
    // None where a phase could not be built, upon which the run has failed.
    guard let runtime else { return }
    status.phase.step = min(max(step - runtime.phase.first + 1, 0), status.phase.steps)
  }
}
