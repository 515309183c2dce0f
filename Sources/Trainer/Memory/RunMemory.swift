import Crops
import Engine
import Kernels
import Model
import Recipe
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The device of a backend and the memory of its kernels, known without creating one.
package struct BackendMemory: Sendable {
  package var device: any Device
  /// Bytes of the kernels' workspace, outside the arena.
  package var workspaceBytes: Int

  package init(device: any Device, workspaceBytes: Int) {
    self.device = device
    self.workspaceBytes = workspaceBytes
  }
}

/// The memory that a run of a recipe needs, by purpose. Nothing is reserved.
package struct RunMemory: Sendable {
  /// Returns what the kernels for a recipe and its engine's shape would take.
  package typealias Backend = @Sendable (Recipe, EngineShape) -> BackendMemory

  /// The recipe of the run.
  package let recipe: Recipe
  /// The process whose memory this is.
  package let place: ProcessPlace
  /// The device on which the engine would compute.
  package let device: any Device
  /// Bytes by purpose. A purpose that the run does not have may be missing or zero.
  package let bytes: [MemoryPurpose: Int]
  let images: ImageFacts
  let frozenTeacher: NetworkShape?
  let backend: Backend

  /// - Parameters:
  ///   - images: the facts about the recipe's images.
  ///   - frozenTeacher: the network of a distillation's teacher.
  ///   - place: the process whose memory is planned.
  ///   - backend: returns the memory of the kernels for a recipe.
  package init(
    _ recipe: Recipe, images: ImageFacts, frozenTeacher: NetworkShape? = nil,
    place: ProcessPlace = .only, backend: @escaping Backend
  ) {
    self.recipe = recipe
    self.place = place
    self.images = images
    self.frozenTeacher = frozenTeacher
    self.backend = backend
    let shape = EngineShape(
      recipe, maskRatioMax: recipe.ibot.maskRatioMax, frozenTeacher: frozenTeacher, place: place)
    let needs = backend(recipe, shape)
    device = needs.device
    var bytes = EnginePlan(shape, device).ledger
    bytes[.threadWorkspace] = needs.workspaceBytes
    bytes[.loaderBatches] = BatchLoader.mostBytes(recipe, place: place)
    bytes[.probe] = Self.probe(recipe, images, shape, bytes)
    bytes[.imageCache] = images.cacheBytes
    bytes[.program] = images.programBytes
    self.bytes = bytes
  }

  /// Bytes of the engine's arena.
  package var arenaBytes: Int { sum { $0.isPlanned } }
  /// The sum over all purposes.
  package var totalBytes: Int { sum { _ in true } }

  private func sum(_ counts: (MemoryPurpose) -> Bool) -> Int {
    bytes.reduce(0) { $0 + (counts($1.key) ? $1.value : 0) }
  }

  /// Returns what the probe adds to the peak of the run without it. Raw pixels are evaluated
  /// before the first step, when only the parameters and the memory of the teacher's pass have
  /// been touched.
  private static func probe(
    _ recipe: Recipe, _ images: ImageFacts, _ shape: EngineShape, _ arena: [MemoryPurpose: Int]
  ) -> Int {
    guard recipe.probe.every > 0 else { return 0 }
    let needs = Probe.mostBytes(
      recipe, bank: min(images.bank, recipe.probe.trainImages),
      scored: min(images.scored, recipe.probe.testImages), classes: images.classes,
      width: max(shape.network.backbone.embedDim, shape.teacher.backbone.embedDim))
    let untouched: [MemoryPurpose] = [
      .gradients, .moments, .studentActivations, .logitsAndTargets, .workspace,
    ]
    return max(needs.learned, needs.raw - untouched.reduce(0) { $0 + (arena[$1] ?? 0) })
  }
}

/// Memory facts about a recipe's images and about the program, known before a run begins.
package struct ImageFacts: Sendable {
  /// The number of labelled images that vote in the probe, 0 without labels, and of those that are classified
  /// or scored.
  package var bank: Int
  package var scored: Int
  /// The number of classes.
  package var classes: Int
  /// The most bytes that the cache of decoded images takes.
  package var cacheBytes: Int
  /// Resident bytes of this process, including its code and libraries.
  package var programBytes: Int

  package init(bank: Int, scored: Int, classes: Int, cacheBytes: Int, programBytes: Int) {
    self.bank = bank
    self.scored = scored
    self.classes = classes
    self.cacheBytes = cacheBytes
    self.programBytes = programBytes
  }

  /// Bytes that a run touches beyond a process that only plans: database, sockets, stacks, the
  /// code of the kernels. Runs of three sizes took 8 to 12 MiB.
  private static let daemonBytes = 10 << 20

  /// Finds the facts of a recipe. A folder that is missing, or not named yet, counts as one with
  /// an unlimited number of labelled images, of a thousand classes.
  package init(_ recipe: Recipe) {
    let program = (ResidentMemory.bytes ?? 0) + Self.daemonBytes
    let data = try? TrainingData(recipe)
    let labelled = data.map { $0.split.labelled?.bank }
    self.init(
      bank: labelled.map { $0?.count ?? 0 } ?? .max, scored: data?.split.scored.count ?? .max,
      classes: labelled.map { $0?.classes.count ?? 0 } ?? 1000,
      cacheBytes: recipe.data.isEmbedded ? 0 : ImageCache.folderBytes, programBytes: program)
  }
}
