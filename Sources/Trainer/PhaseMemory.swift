import Kernels
import Model
import Recipe
import Support
import Tensor

/// The memory of a phase, compared with what the machine has: its engine and its prepared batches,
/// in addition to what the run keeps in every phase.
struct PhaseMemory {
  /// Bytes that the phase needs.
  let needed: Int
  /// Bytes that are available to it; `nil` if the system does not report them.
  let available: Int?

  /// - Parameters:
  ///   - freed: the recipe of the phase whose memory is freed first; `nil` if none is freed.
  ///   - frozenTeacher: the network of a distillation's teacher.
  ///   - place: the process; those on its host share the memory.
  init(
    _ recipe: Recipe, freed: Recipe?, frozenTeacher: NetworkShape?, place: ProcessPlace = .only,
    kernels: any Kernels
  ) {
    func bytes(_ recipe: Recipe) -> Int { Self.bytes(recipe, frozenTeacher, place, kernels) }
    needed = bytes(recipe)
    let given = freed.map(bytes) ?? 0
    available = kernels.device.availableMemory.map { $0.availableBytes / place.onHost + given }
  }

  var fits: Bool { available.map { needed <= $0 } ?? true }

  /// Returns the bytes for a recipe, without the program, the image cache and the kernels'
  /// workspace, which are the same in every phase.
  private static func bytes(
    _ recipe: Recipe, _ frozenTeacher: NetworkShape?, _ place: ProcessPlace,
    _ kernels: any Kernels
  ) -> Int {
    let device = kernels.device
    return RunMemory(
      recipe, images: ImageFacts(bank: 0, scored: 0, classes: 0, cacheBytes: 0, programBytes: 0),
      frozenTeacher: frozenTeacher, place: place
    ) { _, _ in BackendMemory(device: device, workspaceBytes: 0) }.totalBytes
  }

  /// Returns why a recipe does not fit, with the nearest global crop size that does; `nil` if it
  /// fits.
  static func refusal(
    _ recipe: Recipe, freed: Recipe?, frozenTeacher: NetworkShape?, place: ProcessPlace = .only,
    kernels: any Kernels
  ) -> String? {
    let memory = PhaseMemory(
      recipe, freed: freed, frozenTeacher: frozenTeacher, place: place, kernels: kernels)
    guard !memory.fits, let available = memory.available else { return nil }
    let (size, patch) = (recipe.crops.globalCropsSize, recipe.student.patchSize)
    let what =
      "global crops of \(size) px need \(Format.bytesRoundedUp(memory.needed)), available are "
      + Format.bytes(Double(available))
    func fits(_ grid: Int) -> Bool {
      var smaller = recipe
      smaller.crops.globalCropsSize = grid * patch
      return bytes(smaller, frozenTeacher, place, kernels) <= available
    }
    // Memory grows with the number of patches, so the largest grid that fits is found by
    // bisection.
    var (fitting, tooLarge) = (0, size / patch)
    while tooLarge - fitting > 1 {
      let middle = (fitting + tooLarge) / 2
      if fits(middle) { fitting = middle } else { tooLarge = middle }
    }
    return fitting == 0
      ? "\(what); no size fits; use a smaller batch than \(recipe.train.batchSizePerGPU)"
      : "\(what); \(fitting * patch) px is the largest size that fits, or use a smaller batch"
  }
}
