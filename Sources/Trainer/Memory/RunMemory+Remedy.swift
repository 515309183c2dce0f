import Engine
import Recipe

/// Changes of a recipe with which a run needs less memory.
package struct MemoryRemedy: Sendable {
  /// The changes as arguments of `--set`.
  package let overrides: [String]
  package let memory: RunMemory
}

extension RunMemory {
  /// Returns the least intrusive change with which the run fits into `available` bytes; `nil` if
  /// none does. The memory of a changed run is planned like that of the run itself.
  ///
  /// Changes that affect the computed values little or not at all come first (`train.recompute`,
  /// then bfloat16). Then come a smaller batch with as many images in a step, fewer local crops
  /// and fewer prototypes. Each is tried alone, then they are combined one after the other.
  package func remedy(within available: Int) -> MemoryRemedy? {
    for candidate in candidates {
      guard let changed = applying(candidate) else { continue }
      let memory = RunMemory(
        changed, images: images, frozenTeacher: frozenTeacher, place: place, backend: backend)
      if memory.totalBytes <= available {
        return MemoryRemedy(overrides: Self.overrides(candidate), memory: memory)
      }
    }
    return nil
  }

  private typealias Change = [String: String]

  private static func overrides(_ change: Change) -> [String] {
    change.map { "\($0)=\($1)" }.sorted()
  }

  /// Returns the recipe with a change; `nil` if the change is invalid.
  private func applying(_ change: Change) -> Recipe? {
    try? recipe.applying(Self.overrides(change))
  }

  private var candidates: [Change] {
    let kinds = [[recomputing, rounding].compactMap(\.self), batches, localCrops, prototypes]
    let single = kinds[0] + kinds.dropFirst().compactMap(\.first)
    var together = Change()
    var all = single
    for change in kinds.joined() {
      let more = together.merging(change) { $1 }
      guard applying(more) != nil else { continue }
      together = more
      all.append(together)
    }
    return all
  }

  private var recomputing: Change? { recipe.train.recompute ? nil : ["train.recompute": "true"] }

  /// bfloat16, if the recipe does not use it and the machine supports it.
  private var rounding: Change? {
    let change = ["train.compute_precision": "bf16"]
    var rounded = recipe
    rounded.train.computePrecision = .bf16
    let shape = EngineShape(
      rounded, maskRatioMax: rounded.ibot.maskRatioMax, frozenTeacher: frozenTeacher, place: place)
    return device.activationElement == .fp32
      && backend(rounded, shape).device.activationElement == .bf16 ? change : nil
  }

  /// Smaller micro-batches, with as many images of a rank in a step.
  private var batches: [Change] {
    let images = recipe.train.batchSizePerGPU * recipe.train.accumulationSteps
    return (1..<recipe.train.batchSizePerGPU).reversed().filter { images % $0 == 0 }.map { size in
      [
        "train.batch_size_per_gpu": "\(size)",
        "train.accumulation_steps": "\(images / size)",
      ]
    }
  }

  private var localCrops: [Change] {
    Self.halves(of: recipe.crops.localCropsNumber, least: 2).map {
      ["crops.local_crops_number": "\($0)"]
    }
  }

  /// Fewer prototypes; none with a frozen teacher, which fixes their number.
  private var prototypes: [Change] {
    guard frozenTeacher == nil, recipe.hasPrototypes else { return [] }
    let most = max(recipe.dino.headNPrototypes, recipe.ibot.headNPrototypes)
    return Self.halves(of: most, least: 1024).map { count in
      var change = ["dino.head_n_prototypes": "\(min(count, recipe.dino.headNPrototypes))"]
      if recipe.ibot.separateHead {
        change["ibot.head_n_prototypes"] = "\(min(count, recipe.ibot.headNPrototypes))"
      }
      return change
    }
  }

  private static func halves(of count: Int, least: Int) -> [Int] {
    Array(sequence(first: count) { $0 / 2 >= least ? $0 / 2 : nil }.dropFirst())
  }
}
