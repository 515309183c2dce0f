import Settings

extension Recipe: Equatable {
  /// Returns whether every key has the same value in both, however the values were given.
  package static func == (one: Recipe, other: Recipe) -> Bool {
    one.phases == other.phases
      && RecipeKey.all.allSatisfy { $0.text(in: one) == $0.text(in: other) }
  }
}

extension Recipe {
  /// Returns the keys that decide what a run computes and whose values differ from another
  /// recipe's.
  ///
  /// The result of a step does not depend on how often a run is probed and saved, on whom it tells, on the number of
  /// threads, on how processes divide the parameters, on the place of the images' folder, or on the
  /// names of exported tensors. Those keys
  /// may change when a run is resumed, since it knows its images by their index.
  package func keysThatDiffer(from other: Recipe) -> [String] {
    var free = ["train.num_workers", "train.sharding_strategy", "student.block_chunks"]
    // Embedded images and files are never the same ones.
    if data.isEmbedded == other.data.isEmbedded { free += ["data.path", "data.eval_path"] }
    return RecipeKey.all.filter { key in
      !["session", "probe", "guard", "notify"].contains(key.group) && !free.contains(key.name)
        && key.text(in: self) != key.text(in: other)
    }.map(\.name) + (phases == other.phases ? [] : ["phases"])
  }
}
