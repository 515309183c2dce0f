import Settings

/// A key of a recipe. A new one needs a line in the table `RecipeKey.all` and a field in `Recipe`.
package typealias RecipeKey = Setting<Recipe>

extension RecipeKey {
  /// Returns the key with a dotted name; `nil` if there is none.
  package static func named(_ name: String) -> RecipeKey? { RecipeKeys.byName[name] }

  /// The groups, in the order of `all`.
  package static var groups: [String] { RecipeKeys.groups }

  /// All keys, in the order in which a recipe is written.
  package static var all: [RecipeKey] { RecipeKeys.all }
}

/// The keys of recipes.
enum RecipeKeys {
  static let all = official + ours

  static let groups: [String] = all.reduce(into: []) { groups, key in
    if groups.last != key.group { groups.append(key.group) }
  }

  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
