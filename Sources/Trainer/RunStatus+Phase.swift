import History
import Recipe
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension RunStatus {
  /// The status of a run that has not been described yet: only its name and folder are known.
  init(starting directory: RunDirectory) {
    self.init(
      name: directory.name, state: .starting, step: 0, steps: 0,
      phase: PhaseStatus(
        name: "", index: 0, count: 1, step: 0, steps: 0, globalCropsSize: 0, localCropsSize: 0),
      timeLeft: nil, startedAt: Clock.wall(), pid: getpid(), arch: "", parameters: 0, data: "",
      images: 0, imagesPerStep: 0, runDirectory: directory.path)
  }

  /// Sets everything that depends on the present phase.
  mutating func describe(_ runtime: PhaseRuntime, _ plan: PhasePlan, step: Int) {
    let recipe = runtime.phase.recipe
    self.step = step
    steps = plan.totalSteps
    phase = PhaseStatus(runtime.phase, of: plan, step: step)
    phases = plan.phases.map { PhaseStatus($0, of: plan, step: step) }
    arch =
      recipe.students.map(\.student.arch).joined(separator: "+") + "/\(recipe.student.patchSize)"
    parameters = runtime.engine.layout.elements(of: "backbone.")
    data = runtime.data.source.name
    images = runtime.data.source.count
    imagesPerStep = recipe.imagesPerStep
    let width = runtime.engine.shape.network.backbone.embedDim
    embedDim = width
    rankBound = min(width, max(1, runtime.engine.shape.counts.global - 1))
    let head = runtime.engine.shape.network.dinoHead
    machine = runtime.machine
    prototypes = head.prototypes > 0 ? head.prototypes : nil
  }
}

extension PhaseStatus {
  /// The status of a phase after a step of the run.
  init(_ phase: Phase, of plan: PhasePlan, step: Int) {
    let crops = phase.recipe.crops
    self.init(
      name: phase.name, index: phase.index, count: plan.phases.count,
      step: min(max(step - phase.first + 1, 0), phase.steps), steps: phase.steps,
      globalCropsSize: crops.globalCropsSize,
      localCropsSize: crops.localCropsNumber > 0 ? crops.localCropsSize : 0,
      grid: crops.globalCropsSize / phase.recipe.student.patchSize)
  }
}
