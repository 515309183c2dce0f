import Crops
import Engine
import Kernels
import Model
import Recipe
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// What a backend would do for a recipe, as far as memory goes; known without one.
package struct BackendMemory: Sendable {
  package var device: any Device
  /// Bytes that its kernels take beside the arena.
  package var scratchBytes: Int

  package init(device: any Device, scratchBytes: Int) {
    self.device = device
    self.scratchBytes = scratchBytes
  }
}

/// The memory that a run of a recipe takes, by purpose; nothing of it is reserved.
package struct RunMemory: Sendable {
  /// Returns what the kernels for a recipe and its engine's shape would take.
  package typealias Backend = @Sendable (Recipe, EngineShape) -> BackendMemory

  /// The recipe whose run is measured.
  package let recipe: Recipe
  /// Where the engine would compute.
  package let device: any Device
  /// Bytes by purpose; those that are not there are zero.
  package let bytes: [MemoryPurpose: Int]
  let images: ImageFacts
  let frozenTeacher: NetworkShape?
  let backend: Backend

  /// - Parameters:
  ///   - images: as found in the recipe's folder.
  ///   - frozenTeacher: a distillation's.
  ///   - backend: what the kernels of a recipe would take.
  package init(
    _ recipe: Recipe, images: ImageFacts, frozenTeacher: NetworkShape? = nil,
    backend: @escaping Backend
  ) {
    self.recipe = recipe
    self.images = images
    self.frozenTeacher = frozenTeacher
    self.backend = backend
    let shape = EngineShape(
      recipe, maskRatioMax: recipe.ibot.maskRatioMax, frozenTeacher: frozenTeacher)
    let needs = backend(recipe, shape)
    device = needs.device
    var bytes = EnginePlan(shape, device).ledger
    bytes[.workerScratch] = needs.scratchBytes
    bytes[.loaderBatches] = BatchLoader.mostBytes(recipe)
    bytes[.probe] = Self.probe(recipe, images, shape, bytes)
    bytes[.imageCache] = images.cacheBytes
    bytes[.program] = images.programBytes
    self.bytes = bytes
  }

  /// Bytes of the engine's arena.
  package var arenaBytes: Int { sum { $0.isPlanned } }
  /// All of it.
  package var totalBytes: Int { sum { _ in true } }

  private func sum(_ counts: (MemoryPurpose) -> Bool) -> Int {
    bytes.reduce(0) { $0 + (counts($1.key) ? $1.value : 0) }
  }

  /// What the probe adds to the most that the run takes without it. Raw pixels are judged before the
  /// first step, when nothing but parameters and the teacher's pass has been touched.
  private static func probe(
    _ recipe: Recipe, _ images: ImageFacts, _ shape: EngineShape, _ arena: [MemoryPurpose: Int]
  ) -> Int {
    guard recipe.probe.every > 0 else { return 0 }
    let needs = Probe.mostBytes(
      recipe, bank: min(images.bank, recipe.probe.trainImages),
      queries: min(images.queries, recipe.probe.testImages),
      width: max(shape.network.backbone.embedDim, shape.teacher.backbone.embedDim))
    let untouched: [MemoryPurpose] = [
      .gradients, .moments, .studentActivations, .logitsAndTargets, .scratch,
    ]
    return max(needs.learned, needs.raw - untouched.reduce(0) { $0 + (arena[$1] ?? 0) })
  }
}

/// What a recipe's images and the program itself take, found before a run begins.
package struct ImageFacts: Sendable {
  /// Labelled images that the probe has to vote and to be judged; 0 where there are none.
  package var bank: Int
  package var queries: Int
  /// The most that decoded images are kept in.
  package var cacheBytes: Int
  /// Memory of this process, its code and libraries included.
  package var programBytes: Int

  package init(bank: Int, queries: Int, cacheBytes: Int, programBytes: Int) {
    self.bank = bank
    self.queries = queries
    self.cacheBytes = cacheBytes
    self.programBytes = programBytes
  }

  /// What a run touches beyond a process that only plans: database, sockets, stacks, the code of the
  /// kernels. 8 to 12 MiB were measured in runs of three sizes.
  private static let daemonBytes = 10 << 20

  /// Those of a recipe. A folder that is not there, or not yet named, counts as one with labels.
  package init(_ recipe: Recipe) {
    let program = (ResidentMemory.bytes ?? 0) + Self.daemonBytes
    let data = try? TrainingData(recipe)
    let probed = data.map { $0.split.map { ($0.bank.count, $0.queries.count) } ?? (0, 0) }
    self.init(
      bank: probed?.0 ?? .max, queries: probed?.1 ?? .max,
      cacheBytes: recipe.data.isEmbedded ? 0 : ImageCache.folderBytes, programBytes: program)
  }
}
