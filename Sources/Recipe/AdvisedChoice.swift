import Settings

/// A key of a recipe that was chosen by the data, its value as YAML, and why.
package struct AdvisedChoice: Sendable, Equatable {
  package let key: String
  package let value: String
  package let reason: String

  /// Returns what `key=value` overrides gave, with the values that a resolved recipe has.
  package static func given(_ overrides: [String], in recipe: Recipe) -> [AdvisedChoice] {
    let names = overrides.map { $0.prefix { $0 != "=" } }
    return RecipeKey.all.filter { names.contains($0.name[...]) }.map {
      AdvisedChoice(key: $0.name, value: $0.text(in: recipe), reason: "given")
    }
  }
}
