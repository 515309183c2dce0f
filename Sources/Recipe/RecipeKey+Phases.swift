extension RecipeKey {
  /// Whether the key may have another value in a later phase: what decides the tensors, the images
  /// and how the run is kept may not.
  package var mayChangeInPhase: Bool {
    let fixedGroups = ["probe", "session", "distillation"]
    let fixed: Set = [
      "ibot.separate_head", "train.seed", "train.OFFICIAL_EPOCH_LENGTH", "train.centering",
      "train.compute_precision", "data.path", "data.eval_path", "data.embedded_size",
      "data.embedded_images", "data.mean", "data.std",
    ]
    if group == "student" { return name.hasPrefix("student.drop_path") }
    return !fixedGroups.contains(group) && !fixed.contains(name)
      && !lastName.hasPrefix("head_")
  }

  /// Whether the key decides which tensors a state has, so that a run that goes on from another's
  /// state must have the same value.
  package var decidesState: Bool {
    if group == "student" {
      return !name.hasPrefix("student.drop_path") && !name.hasPrefix("student.interpolate")
        && !["student.pretrained_weights", "student.block_chunks"].contains(name)
    }
    return lastName.hasPrefix("head_")
      || ["ibot.separate_head", "train.centering", "distillation.arch"].contains(name)
  }
}
