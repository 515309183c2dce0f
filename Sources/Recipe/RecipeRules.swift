import Settings
import Support

/// A condition on several keys, checked once all values are read.
struct RecipeRule: Sendable {
  /// The keys that it involves. An error names the first and points to where one of them was
  /// given.
  let keys: [String]
  /// Returns what is wrong and what would be accepted; `nil` if the condition holds.
  let problem: @Sendable (Recipe) -> String?

  static let all: [RecipeRule] = architecture + channels + sizes + lengths
}

extension RecipeRule {
  private static let architecture: [RecipeRule] = [
    RecipeRule(keys: ["student.arch", "student.embed_dim", "student.depth", "student.num_heads"]) {
      let student = $0.student
      let isMissing = [student.embedDim, student.depth, student.numHeads].contains(0)
      return student.arch == "custom" && isMissing && !$0.namesStudents
        ? "custom needs student.embed_dim, student.depth and student.num_heads" : nil
    },
    RecipeRule(keys: ["student.embed_dim", "student.num_heads", "student.arch"]) {
      let (width, heads) = ($0.architecture.embedDim, $0.architecture.numHeads)
      return width.isMultiple(of: heads)
        ? nil
        : "\(width) is not a multiple of \(heads) heads (student.num_heads); "
          + "nearest: \(nearest(width, multipleOf: heads))"
    },
    RecipeRule(keys: ["student.embed_dim", "student.depth", "student.num_heads"]) {
      let student = $0.student
      return $0.namesStudents && [student.embedDim, student.depth, student.numHeads] != [0, 0, 0]
        ? "the size of one student, but distillation.arch names architectures: set "
          + "student.embed_dim, student.depth and student.num_heads to 0, or distillation.arch to []"
        : nil
    },
    RecipeRule(keys: ["student.pretrained_weights", "distillation.arch"]) {
      $0.students.count > 1 && !$0.student.pretrainedWeights.isEmpty
        ? "weights of one architecture, but distillation.arch names "
          + "\($0.distillation.arch.joined(separator: " and ")); start a run for each" : nil
    },
    RecipeRule(keys: ["objective.kind", "distillation.teacher"]) {
      switch ($0.objective.kind, $0.isDistilled) {
      case (.codingRate, true):
        "coding_rate, but a distillation compares prototypes or features; set it to dinov2 or features"
      case (.features, false):
        "features, which are those of a frozen teacher; name it with distillation.teacher"
      default: nil
      }
    },
    RecipeRule(keys: ["crops.local_crops_number", "objective.kind"]) {
      $0.objective.kind == .features && $0.crops.localCropsNumber > 0
        && $0.places["crops.local_crops_number"] != nil
        ? "\($0.crops.localCropsNumber), but objective.kind features compares each crop with the teacher's view "
          + "of it, which local crops do not have; set it to 0" : nil
    },
    RecipeRule(keys: ["optim.skip_step_factor"]) {
      let factor = $0.optim.skipStepFactor
      return factor > 0 && factor < 2
        ? "\(Format.plain(factor)), which half of all steps come close to; 5 to 10 are usual, 0 skips none"
        : nil
    },
    RecipeRule(keys: ["optim.freeze_blocks", "student.depth", "student.arch"]) {
      let depth = $0.students.map(\.architecture.depth).min()!
      return $0.optim.freezeBlocks >= depth && !$0.optim.freezeBackbone
        ? "\($0.optim.freezeBlocks) of \(depth) blocks; to freeze all, set optim.freeze_backbone to true"
        : nil
    },
    RecipeRule(keys: ["student.block_chunks", "student.depth", "student.arch"]) {
      let depth = $0.students.map(\.architecture.depth).min()!
      return $0.student.blockChunks > depth
        ? "\($0.student.blockChunks) groups, but only \(depth) blocks" : nil
    },
  ]

  private static let channels: [RecipeRule] = [
    RecipeRule(keys: ["data.channels", "data.path"]) {
      $0.data.isEmbedded && ![1, 3].contains($0.data.channels)
        ? "the embedded textures have 3 channels, or 1 of their grey, not \($0.data.channels)" : nil
    },
    count("data.mean") { $0.mean }, count("data.std") { $0.std },
    count("data.range_min") { $0.rangeMin.isEmpty ? nil : $0.rangeMin },
    count("data.range_max") { $0.rangeMax.isEmpty ? nil : $0.rangeMax },
    RecipeRule(keys: ["data.range_min", "data.range_max"]) {
      let (low, high) = ($0.data.rangeMin, $0.data.rangeMax)
      if low.count != high.count {
        return "belongs together with data.range_max; set both or none"
      }
      return zip(low, high).enumerated().first { Float($1.0) >= Float($1.1) }.map {
        "of channel \($0 + 1) it is \($1.0.yaml), and data.range_max is \($1.1.yaml); "
          + "it must be less"
      }
    },
  ]

  /// The rule that a list has a value for each channel.
  private static func count(
    _ key: String, _ values: @escaping @Sendable (Recipe.DataSource) -> [Double]?
  ) -> RecipeRule {
    RecipeRule(keys: [key, "data.channels"]) { recipe in
      guard let values = values(recipe.data), values.count != recipe.data.channels else {
        return nil
      }
      return
        "has \(values.count) numbers, and data.channels is \(recipe.data.channels); give one for each "
        + "channel, or one for all"
    }
  }

  private static let sizes: [RecipeRule] = [
    RecipeRule(keys: ["crops.global_crops_size", "student.patch_size"]) {
      cropProblem($0.crops.globalCropsSize, patch: $0.student.patchSize)
    },
    RecipeRule(keys: ["crops.local_crops_size", "student.patch_size", "crops.local_crops_number"]) {
      $0.crops.localCropsNumber == 0
        ? nil : cropProblem($0.crops.localCropsSize, patch: $0.student.patchSize)
    },
    RecipeRule(keys: [
      "train.batch_size_per_gpu", "crops.global_crops_size", "student.patch_size",
      "crops.local_crops_size",
    ]) { recipe in
      // Tokens are numbered with 32 bits. The second bound keeps all sums of a memory plan far from
      // overflow; no machine has a thousandth of it.
      let tokens = recipe.tokensPerBatch
      let widest = recipe.students.map { Double($0.architecture.embedDim * $0.architecture.depth) }
      guard tokens > 2_147_483_647 || tokens * (widest.max() ?? 1) > 0x1p48 else { return nil }
      return
        "\(recipe.train.batchSizePerGPU) images have \(tokens.rounded().yaml) tokens, more than "
        + "can be computed at once; use a smaller batch, smaller crops or larger patches"
    },
    RecipeRule(keys: ["dino.koleo_loss_weight", "train.batch_size_per_gpu"]) {
      $0.dino.koleoLossWeight > 0 && $0.train.batchSizePerGPU < 2
        ? "KoLeo compares the images of a batch; it needs train.batch_size_per_gpu of at least 2"
        : nil
    },
    RecipeRule(keys: ["probe.k", "probe.train_images"]) {
      $0.probe.every > 0 && $0.probe.k > $0.probe.trainImages
        ? "\($0.probe.k) neighbours cannot be found among \($0.probe.trainImages) images "
          + "(probe.train_images)" : nil
    },
  ]

  private static let lengths: [RecipeRule] = [
    RecipeRule(keys: ["optim.epochs", "train.OFFICIAL_EPOCH_LENGTH"]) {
      $0.totalSteps < 1
        ? "\($0.optim.epochs.yaml) of \($0.train.officialEpochLength) steps "
          + "(train.OFFICIAL_EPOCH_LENGTH) is less than one step" : nil
    },
    RecipeRule(keys: ["optim.warmup_epochs", "optim.epochs"]) {
      $0.optim.warmupEpochs > $0.optim.epochs
        ? "\($0.optim.warmupEpochs.yaml) is longer than the run (optim.epochs: "
          + "\($0.optim.epochs.yaml))" : nil
    },
  ]

  private static func cropProblem(_ size: Int, patch: Int) -> String? {
    size.isMultiple(of: patch)
      ? nil
      : "\(size) is not a multiple of the patch size \(patch) (student.patch_size); "
        + "nearest: \(nearest(size, multipleOf: patch))"
  }

  private static func nearest(_ value: Int, multipleOf unit: Int) -> Int {
    max((value + unit / 2) / unit, 1) * unit
  }
}
