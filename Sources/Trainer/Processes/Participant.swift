import Crops
import Engine
import Kernels
import Recipe
import Run
import Support
import Tensor

/// A process of a run beside process 0: computes what it is told to, with the ranks that are its own.
///
/// It reads images and nothing else: no recipe, no checkpoint and no journal has to be on its host.
package final class Participant {
  private let team: ProcessTeam
  private let makeKernels: (Recipe, any Collectives) throws -> any Kernels
  private let problems = ProblemList()
  private var images: (data: Recipe.DataSource, opened: any ImageSource, fingerprint: String?)?
  private var phase: (engine: Engine, loader: BatchLoader, recipe: Recipe)?
  private var outage: DataOutage?
  private var clock = ProcessClock()

  /// - Parameter makeKernels: makes a backend for a recipe, which is the same in all phases.
  package init(
    _ team: ProcessTeam,
    makeKernels: @escaping (Recipe, any Collectives) throws -> any Kernels
  ) {
    self.team = team
    self.makeKernels = makeKernels
  }

  deinit { phase?.loader.stop() }

  /// Carries out orders until the run ends.
  package func run() {
    while true {
      switch team.receive() {
      case .prepare(let preparation): prepare(preparation)
      case .engine(let call): phase?.engine.join(call)
      case .share: phase?.engine.share()
      case .load(let batch, let position): phase?.loader.start(batch: batch, position: position)
      case .step(let order): step(order)
      case .compare: _ = phase.map { team.collect($0.engine.replicaChecksums()) }
      case .lookForData: _ = team.collect(isDataThere)
      case .end: return
      }
    }
  }

  /// Builds engine and loader, and says whether that worked.
  private func prepare(_ preparation: Preparation) {
    var facts = ProcessFacts(team.place)
    phase?.loader.stop()
    phase = nil
    do {
      let recipe = try Recipe.parse(yaml: preparation.recipe, name: "the recipe of process 0")
      let images = try open(recipe)
      let data = try TrainingData(recipe, opened: images.opened)
      let kernels = try makeKernels(recipe, team.collectives)
      if let shortage = PhaseMemory.refusal(
        recipe, freed: nil, frozenTeacher: preparation.teacher, place: team.place,
        kernels: kernels)
      {
        throw ProcessProblem(number: team.place.number, reason: shortage)
      }
      let engine = try Engine(recipe, frozenTeacher: preparation.teacher, kernels: kernels)
      let loader = data.loader(recipe, team.place) { [problems] in problems.add($0) }
      phase = (engine, loader, recipe)
      facts.describe(kernels, data, fingerprint: images.fingerprint)
    } catch {
      facts.failure = "\(error)"
    }
    team.processes = team.collect(facts)
  }

  /// Opens the images, unless a phase before had the same.
  private func open(
    _ recipe: Recipe
  ) throws -> (opened: any ImageSource, fingerprint: String?) {
    if let images, images.data == recipe.data { return (images.opened, images.fingerprint) }
    let data = try TrainingData(recipe)
    let fingerprint = ImageIndex(train: data.opened, eval: data.split.evaluated)?.fingerprint
    images = (recipe.data, data.opened, fingerprint)
    return (data.opened, fingerprint)
  }

  private func step(_ order: StepOrder) {
    guard let (engine, loader, recipe) = phase else { return }
    let values = Dictionary(
      uniqueKeysWithValues: order.values.compactMap { name, value in
        Metric(rawValue: name).map { ($0, value) }
      })
    let inputs = StepInputs(
      team: team, loader: loader, recipe: recipe, shape: engine.shape, problems: problems)
    outage = nil
    do {
      _ = try inputs.compute(order, on: engine, values, &clock, heard: { _ in }, traced: { _ in })
    } catch {
      // Process 0 knows as well, and decides what to do.
      outage = error as? DataOutage
      loader.stop()
    }
  }

  private var isDataThere: Bool { outage.map { phase?.loader.isOver($0) ?? true } ?? true }
}
