import Kernels
import Model
import Recipe
import Support

/// Whether a phase fits in the machine's memory: its engine and the batches that are prepared, beside
/// what the run keeps in any phase.
struct PhaseMemory {
  /// Bytes that the phase takes.
  let needed: Int
  /// Bytes that there are for it; nil where the system does not tell.
  let available: Int?

  /// - Parameters:
  ///   - freed: the recipe of the phase whose memory is given back before; nil: none is.
  ///   - frozenTeacher: a distillation's.
  init(_ recipe: Recipe, freed: Recipe?, frozenTeacher: NetworkShape?, kernels: any Kernels) {
    func bytes(_ recipe: Recipe) -> Int { Self.bytes(recipe, frozenTeacher, kernels) }
    needed = bytes(recipe)
    let given = freed.map(bytes) ?? 0
    available = kernels.device.availableMemory.map { $0.availableBytes + given }
  }

  var fits: Bool { available.map { needed <= $0 } ?? true }

  /// What a recipe takes beyond the program, the images that are kept and the kernels' scratch, which
  /// a run has whatever its phase.
  private static func bytes(
    _ recipe: Recipe, _ frozenTeacher: NetworkShape?, _ kernels: any Kernels
  ) -> Int {
    let device = kernels.device
    return RunMemory(
      recipe, images: ImageFacts(bank: 0, queries: 0, cacheBytes: 0, programBytes: 0),
      frozenTeacher: frozenTeacher
    ) { _, _ in BackendMemory(device: device, scratchBytes: 0) }.totalBytes
  }

  /// Why a recipe does not fit, naming the nearest global crop size that does; nil: it fits.
  static func refusal(
    _ recipe: Recipe, freed: Recipe?, frozenTeacher: NetworkShape?, kernels: any Kernels
  ) -> String? {
    let memory = PhaseMemory(
      recipe, freed: freed, frozenTeacher: frozenTeacher, kernels: kernels)
    guard !memory.fits, let available = memory.available else { return nil }
    let (size, patch) = (recipe.crops.globalCropsSize, recipe.student.patchSize)
    let what =
      "global crops of \(size) px need \(Format.bytesRoundedUp(memory.needed)), there are "
      + Format.bytesRoundedUp(available)
    func fits(_ grid: Int) -> Bool {
      var smaller = recipe
      smaller.crops.globalCropsSize = grid * patch
      return bytes(smaller, frozenTeacher, kernels) <= available
    }
    // The more patches, the more memory: halve the range in which the border lies.
    var (fitting, tooLarge) = (0, size / patch)
    while tooLarge - fitting > 1 {
      let middle = (fitting + tooLarge) / 2
      if fits(middle) { fitting = middle } else { tooLarge = middle }
    }
    return fitting == 0
      ? "\(what); no size fits, take a smaller batch than \(recipe.train.batchSizePerGPU)"
      : "\(what); \(fitting * patch) px is the nearest size that fits, or take a smaller batch"
  }
}
