import Crops
import Engine
import Kernels
import Model
import Recipe
import Run
import Store
import Support
import Tensor

/// The objects that the steps of one phase need: engine, loader and probe.
///
/// `Trainer.restore` releases one before it makes the next, so that the memory of only one exists
/// at a time. Where the run has several processes, the others build theirs at the same time.
final class PhaseRuntime {
  let phase: Phase
  let data: TrainingData
  let engine: Engine
  let loader: BatchLoader
  let probe: Probe?
  private let team: ProcessTeam

  /// - Parameters:
  ///   - fingerprint: that of the images, which all processes must have.
  ///   - makeKernels: makes a backend with a connection to other processes.
  init(
    _ phase: Phase, images: any ImageSource, fingerprint: String?, frozenTeacher: FrozenTeacher?,
    baselines: [Metric: Double], problems: ProblemList, team: ProcessTeam,
    makeKernels: @escaping (any Collectives) -> any Kernels & PairKernels
  ) throws {
    let recipe = phase.recipe
    self.phase = phase
    self.team = team
    team.send(.prepare(Preparation(recipe: recipe.yaml(), teacher: frozenTeacher?.network)))
    let kernels = makeKernels(team.collectives)
    (data, engine) = try team.prepared(kernels, fingerprint) {
      let data = try TrainingData(recipe, opened: images)
      return (
        data, try Engine(recipe, frozenTeacher: frozenTeacher?.network, kernels: kernels)
      )
    }
    engine.onCall = { [team] in team.send(.engine($0)) }
    if let frozenTeacher { engine.set(.teacher, to: try frozenTeacher.values()) }
    loader = data.loader(recipe, team.place) { problems.add($0) }
    probe = data.probe(recipe, { makeKernels(SingleProcess()) }) { problems.add($0) }
    probe?.baselines = baselines
  }

  deinit { loader.stop() }

  /// What the memory of this process is for, the largest part first.
  private var memory: [MachineStatus.Part] {
    var parts = engine.ledger
    parts[.loaderBatches] = BatchLoader.mostBytes(phase.recipe, place: team.place)
    return parts.filter { $0.value > 0 }.sorted {
      ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue)
    }
    .map { MachineStatus.Part(name: $0.key.title, bytes: $0.value) }
  }

  /// The machine of this process.
  var machine: MachineStatus {
    MachineStatus(
      host: HostName.own, processor: ProcessFacts.ownProcessor, cores: WorkerPool.count(0),
      threads: WorkerPool.count(phase.recipe.session.threads, of: team.place),
      precision: engine.kernels.device.activationElement.rawValue, version: Version.current,
      memory: memory)
  }

  /// Gives the engine the state of a checkpoint. If more of the backbone learns in this phase than until then, the
  /// optimiser's moments begin anew, since they are of gradients by untrained heads. Returns notes for the log.
  func load(_ checkpoint: Checkpoint) throws -> [Finding] {
    try engine.load(checkpoint)
    let before = FrozenPart(try Recipe.read(file: checkpoint.file("recipe.yaml")).optim)
    let (now, depth) = (engine.shape.frozen, engine.shape.network.backbone.depth)
    guard now.units(depth: depth) < before.units(depth: depth) else { return [] }
    engine.resetMoments()
    let what =
      before == .backbone && now == .nothing ? "the backbone learns" : "more of the backbone learns"
    return [(.info, "phase", "\(what) from now on, and the moments begin anew")]
  }

  /// Gives the engine's state to the other processes.
  func shareState() {
    guard !team.isAlone else { return }
    team.send(.share)
    engine.share()
  }

  /// Starts to prepare the batches of the steps after `step`.
  func start(after step: Int) {
    let (batch, position) = (phase.batches(after: step) + 1, phase.images(after: step))
    team.send(.load(batch: batch, position: position))
    loader.start(batch: batch, position: position)
  }
}

extension ProcessTeam {
  /// Builds a phase's objects while the other processes build theirs. Throws if that fails here, or if
  /// another process failed or differs from this one.
  fileprivate func prepared(
    _ kernels: any Kernels, _ fingerprint: String?,
    _ build: () throws -> (TrainingData, Engine)
  ) throws -> (TrainingData, Engine) {
    guard !isAlone else { return try build() }
    var own = ProcessFacts(place)
    let built = Result { try build() }
    switch built {
    case .success(let (data, _)): own.describe(kernels, data, fingerprint: fingerprint)
    case .failure(let error): own.failure = "\(error)"
    }
    let facts = collect(own)
    processes = facts
    let result = try built.get()
    for other in facts.dropFirst() {
      guard let obstacle = other.obstacle(beside: facts[0], mixed: mayDiffer) else { continue }
      throw ProcessMismatch(process: other.name, obstacle: obstacle)
    }
    return result
  }
}

/// An error: a process cannot train together with the others.
struct ProcessMismatch: Error, CustomStringConvertible {
  let process: String
  let obstacle: String

  var description: String { "\(process) \(obstacle)" }
}
