import Settings

extension RecipeKey {
  /// Whether a later phase may change the key. Keys that decide the tensors, the images or how the
  /// run is stored may not change.
  package var mayChangeInPhase: Bool {
    let fixedGroups = ["probe", "session", "guard", "notify", "distillation"]
    let fixed: Set = [
      "ibot.separate_head", "train.seed", "train.OFFICIAL_EPOCH_LENGTH", "train.centering",
      "train.compute_precision", "data.path", "data.eval_path", "data.embedded_size",
      "data.embedded_images", "data.hold_out", "objective.kind", "data.channels", "data.range_min",
      "data.range_max", "data.mean",
      "data.std",
    ]
    if group == "student" { return name.hasPrefix("student.drop_path") }
    return !fixedGroups.contains(group) && !fixed.contains(name)
      && !lastName.hasPrefix("head_")
  }

  /// Whether the key decides which tensors a checkpoint has. A run that continues from another
  /// run's checkpoint must have the same value.
  package var decidesState: Bool {
    if group == "student" {
      return !name.hasPrefix("student.drop_path") && !name.hasPrefix("student.interpolate")
        && !["student.pretrained_weights", "student.block_chunks"].contains(name)
    }
    return lastName.hasPrefix("head_")
      || [
        "ibot.separate_head", "train.centering", "objective.kind", "distillation.arch",
        "data.channels",
      ].contains(name)
  }
}
