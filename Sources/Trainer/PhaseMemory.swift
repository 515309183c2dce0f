import Kernels
import Recipe

#if canImport(Glibc)
  import Glibc
#endif

/// Whether a phase fits in the machine's memory: the one place that knows what a recipe takes.
struct PhaseMemory {
  /// Bytes that the recipe's arena takes.
  let needed: Int
  /// Bytes that the machine has for it; nil where it does not tell.
  let available: Int?

  /// - Parameter freed: bytes that are given back before.
  init(_ recipe: Recipe, kernels: any Kernels, freed: Int) {
    needed = Engine.arenaBytes(recipe, kernels: kernels)
    available = Self.machineAvailable.map { $0 + freed }
  }

  var fits: Bool { available.map { needed <= $0 } ?? true }

  /// `MemAvailable` of the system, in bytes.
  static var machineAvailable: Int? {
    guard let file = fopen("/proc/meminfo", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let words = text.split(separator: " ")
      if words.first == "MemAvailable:", words.count > 1 {
        return Int(words[1]).map { $0 * 1024 }
      }
    }
    return nil
  }

  /// Why a recipe does not fit, naming the nearest global crop size that does; nil: it fits.
  static func refusal(
    _ recipe: Recipe, kernels: any Kernels, freed: Int
  ) -> String? {
    let memory = PhaseMemory(recipe, kernels: kernels, freed: freed)
    guard !memory.fits, let available = memory.available else { return nil }
    let size = recipe.crops.globalCropsSize
    let what =
      "global crops of \(size) px need \(mebibytes(memory.needed)), the machine has "
      + mebibytes(available)
    let patch = recipe.student.patchSize
    func fits(_ grid: Int) -> Bool {
      var smaller = recipe
      smaller.crops.globalCropsSize = grid * patch
      return Engine.arenaBytes(smaller, kernels: kernels) <= available
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

  private static func mebibytes(_ bytes: Int) -> String { "\((bytes + 1 << 20 - 1) >> 20) MiB" }
}
