import Crops
import Engine
import Kernels
import Recipe
import Run

/// The objects that the steps of one phase need: engine, loader and probe.
///
/// `Trainer.restore` releases one before it makes the next, so that the memory of only one exists
/// at a time.
final class PhaseRuntime {
  let phase: Phase
  let data: TrainingData
  let engine: Engine
  let loader: BatchLoader
  let probe: Probe?

  init(
    _ phase: Phase, images: any ImageSource, frozenTeacher: FrozenTeacher?,
    baselines: [Metric: Double], problems: ProblemList, makeKernels: @escaping () -> any Kernels
  ) throws {
    let recipe = phase.recipe
    self.phase = phase
    data = try TrainingData(recipe, opened: images)
    engine = try Engine(recipe, frozenTeacher: frozenTeacher?.network, kernels: makeKernels())
    if let frozenTeacher { engine.set(.teacher, to: try frozenTeacher.values()) }
    loader = data.loader(recipe) { problems.add($0) }
    probe = data.probe(recipe, makeKernels) { problems.add($0) }
    probe?.baselines = baselines
  }

  deinit { loader.stop() }

  /// Starts to prepare the batches of the steps after `step`.
  func start(after step: Int) {
    loader.start(batch: phase.batches(after: step) + 1, position: phase.images(after: step))
  }
}
