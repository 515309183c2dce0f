extension Recipe: Equatable {
  /// Whether both compute the same: every key has the same value, however it was given.
  package static func == (one: Recipe, other: Recipe) -> Bool {
    one.phases == other.phases
      && RecipeKey.all.allSatisfy { $0.text(in: one) == $0.text(in: other) }
  }
}

extension Recipe {
  /// The keys whose values decide what a run computes and differ from another recipe's.
  ///
  /// How often a run is probed and saved, how many threads work on it, in which folder its images
  /// lie and how exported tensors are named change nothing that a step computes; those may change
  /// when a run is taken up again.
  package func keysThatDiffer(from other: Recipe) -> [String] {
    RecipeKey.all.filter { key in
      !["session", "probe"].contains(key.group)
        && !["train.num_workers", "data.path", "student.block_chunks"].contains(key.name)
        && key.text(in: self) != key.text(in: other)
    }.map(\.name) + (phases == other.phases ? [] : ["phases"])
  }
}
