/// A key of a recipe: its name, accepted values, meaning and field.
///
/// `RecipeKey.all` is the only table of keys. Reading, writing, suggestions and documentation all
/// use it. A new key needs one line there and one field in `Recipe`.
package struct RecipeKey: Sendable {
  /// The dotted name, such as `optim.base_lr`.
  package let name: String
  /// The kind of value in words, such as `a number` or `a list of 2 numbers`.
  package let kind: String
  /// The range of numbers that it accepts; unused for other kinds.
  package let limits: Limits
  /// The words that it accepts; empty for other kinds.
  package let choices: [String]
  /// The meaning in one line, for readers of a recipe.
  package let meaning: String
  /// Whether `ssl_default_config.yaml` of the official code lacks the key.
  package private(set) var isOurs = false

  /// Stores a value in a recipe. Throws if it is not accepted.
  let read: @Sendable (YAMLNode, inout Recipe) throws(Refusal) -> Void
  /// Returns the value as YAML text. Equal texts mean equal values.
  let write: @Sendable (Recipe) -> String
  /// Returns why the key has no effect in a recipe; `nil` if it has.
  private(set) var unusedReason: @Sendable (Recipe) -> String? = { _ in nil }

  init(
    _ name: String, kind: String, limits: Limits = .any, choices: [String] = [],
    meaning: String, read: @escaping @Sendable (YAMLNode, inout Recipe) throws(Refusal) -> Void,
    write: @escaping @Sendable (Recipe) -> String
  ) {
    self.name = name
    self.kind = kind
    self.limits = limits
    self.choices = choices
    self.meaning = meaning
    self.read = read
    self.write = write
  }

  /// The group, such as `optim` of `optim.base_lr`.
  package var group: String { String(name.prefix { $0 != "." }) }

  /// The name within the group, such as `base_lr` of `optim.base_lr`.
  package var lastName: String { String(name.drop { $0 != "." }.dropFirst()) }

  /// Returns the value of this key in a recipe, as YAML text.
  package func text(in recipe: Recipe) -> String { write(recipe) }

  /// A copy that is marked as Dino's addition.
  var ours: RecipeKey {
    var copy = self
    copy.isOurs = true
    return copy
  }

  /// Returns a copy that has no effect if `when` returns `true`. A recipe that sets it anyway gets
  /// a notice.
  func unused(_ reason: String, when: @escaping @Sendable (Recipe) -> Bool) -> RecipeKey {
    var copy = self
    copy.unusedReason = { when($0) ? reason : nil }
    return copy
  }
}

extension RecipeKey {
  /// Returns the key with a dotted name; `nil` if there is none.
  package static func named(_ name: String) -> RecipeKey? { byName[name] }

  /// The groups, in the order of `all`.
  package static let groups: [String] = all.reduce(into: []) { groups, key in
    if groups.last != key.group { groups.append(key.group) }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
