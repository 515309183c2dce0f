import Crops
import History
import Kernels
import Metrics
import Optimiser
import Recipe
import Store

#if canImport(Glibc)
  import Glibc
#endif

/// A run: takes it up where it stands, trains it step by step, and obeys commands between steps.
///
/// This file is how a run begins; `Trainer+Run.swift` is how it goes on. One thread owns it.
package final class Trainer {
  let recipe: Recipe
  let directory: RunDirectory
  let mailbox: CommandMailbox
  let engine: Engine
  let loader: BatchLoader
  let masks: MaskGenerator
  let probe: Probe?
  let problems: ProblemList
  let recorder: RunRecorder
  let checkpoints: CheckpointStore

  var plan: SchedulePlan
  /// Commands carried out and, where a killed run is redone, those that its steps will meet again.
  var journal: [JournalEntry]
  var pace = Pace()
  /// Whether a person, or a fault, holds the run.
  var isPaused = false
  var isStopping = false
  /// Steps in a row whose numbers were not finite.
  var unsoundSteps = 0
  var lastCheckpoint: Int
  /// What was found before anybody observed: told when the run begins.
  var findings: [(level: RunEvent.Level, kind: String, text: String)] = []
  var statusRecorded = 0.0
  package internal(set) var step: Int
  package internal(set) var status: RunStatus

  /// Plans the memory, opens the images and takes the run's latest checkpoint up, if it has one.
  ///
  /// The caller holds the run's lock. `makeKernels` gives a backend; the probe asks for one of its
  /// own. `notices`: what was found out about the machine, to be told. Throws where images, memory or checkpoint make training impossible.
  package init(
    recipe: Recipe, directory: RunDirectory, program: String, mailbox: CommandMailbox,
    notices: [String] = [], makeKernels: @escaping () -> any Kernels
  ) throws {
    self.recipe = recipe
    self.directory = directory
    self.mailbox = mailbox
    let data = try TrainingData(recipe)
    let frozen = try FrozenTeacher(recipe, of: directory)
    engine = try Engine(recipe, frozenTeacher: frozen?.network, kernels: makeKernels())
    checkpoints = CheckpointStore(directory: directory.checkpoints, program: program)
    let history = try HistoryWriter(directory: directory)
    let past = try RunPast(directory, checkpoints)
    plan = SchedulePlan(recipe)
    journal = past.journal
    for change in journal.compactMap(\.adjustment) { plan.replay(change) }
    step = past.latest?.step ?? 0
    lastCheckpoint = step
    var notes: [(level: RunEvent.Level, kind: String, text: String)] = []
    if let frozen {
      notes += try frozen.keep(recipe, in: directory, program: program)
      engine.set(.teacher, to: try frozen.values())
    }
    if let latest = past.latest {
      try engine.load(latest)
    } else {
      notes += try engine.begin(recipe, runs: FileSystem.parent(of: directory.path))
    }
    try history.rewind(to: step, journal: journal)

    recorder = RunRecorder(history: history, logPath: directory.log)
    let problems = ProblemList()
    self.problems = problems
    loader = data.loader(recipe) { problems.add($0) }
    masks = MaskGenerator(seed: recipe.train.seed)
    probe = data.probe(recipe, makeKernels)
    probe?.baselines = past.baselines
    status = Self.status(recipe, directory, engine, data.source, step: step)
    findings = past.damaged.map { (.warning, "checkpoint", $0) }
    findings += notices.map { (.warning, "machine", $0) }
    findings += recipe.notices.map { (.info, "recipe", $0) } + data.notes + notes
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

  private static func status(
    _ recipe: Recipe, _ directory: RunDirectory, _ engine: Engine, _ source: any ImageSource,
    step: Int
  ) -> RunStatus {
    let total = recipe.totalSteps
    return RunStatus(
      name: directory.name, state: .starting, step: step, steps: total,
      phase: PhaseStatus(
        name: recipe.isDistilled ? "distillation" : "pretrain", index: 0, count: 1, step: step,
        steps: total,
        globalCropsSize: recipe.crops.globalCropsSize, localCropsSize: recipe.crops.localCropsSize),
      timeLeft: nil, startedAt: Clock.wall(), pid: getpid(),
      arch: recipe.students.map(\.student.arch).joined(separator: "+")
        + "/\(recipe.student.patchSize)",
      parameters: engine.layout.elements(of: "backbone."), data: source.name,
      images: source.count, batchSize: recipe.imagesPerStep,
      runDirectory: directory.path, embedDim: engine.shape.network.backbone.embedDim,
      prototypes: engine.shape.network.dinoHead.prototypes)
  }
}

extension Trainer {
  /// Tells of something that a person should be able to read later.
  func note(_ kind: String, _ text: String, _ level: RunEvent.Level = .info) {
    recorder.record(
      RunEvent(time: Clock.wall(), step: step, level: level, kind: kind, text: text))
  }

  /// Changes what the run is doing, and says so.
  func enter(_ state: RunState, message: String? = nil) {
    status.state = state
    status.message = message
    status.step = step
    status.phase.step = step
    recorder.record(status)
  }
}
