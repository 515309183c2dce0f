/// One key of a recipe: its name, what it may be, what it means and where its value lives.
///
/// `RecipeKey.all` is the one table of them. Reading, writing, suggestions and documentation all
/// come from it; a new key is one new line there and one new field in `Recipe`.
package struct RecipeKey: Sendable {
  /// As it stands in YAML, groups joined by dots: `optim.base_lr`.
  package let name: String
  /// What kind of value it takes, in a person's words: `a number`, `a list of 2 numbers`, …
  package let kind: String
  /// The numbers it may have; for other kinds unused.
  package let limits: Limits
  /// The words it may be; empty where it takes other values.
  package let choices: [String]
  /// One line for the reader of a recipe.
  package let meaning: String
  /// False for a key that `ssl_default_config.yaml` has, too.
  package private(set) var isOurs = false

  /// Puts a value into a recipe, or says what is wrong with it.
  let read: @Sendable (YAMLNode, inout Recipe) throws(Refusal) -> Void
  /// The value as YAML text; equal texts mean equal values.
  let write: @Sendable (Recipe) -> String
  /// Why this key has no effect in a recipe, where other keys decide so.
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

  /// The group: `optim` of `optim.base_lr`.
  package var group: String { String(name.prefix { $0 != "." }) }

  /// The name within its group: `base_lr` of `optim.base_lr`.
  package var lastName: String { String(name.drop { $0 != "." }.dropFirst()) }

  /// The value of this key in a recipe, as YAML text.
  package func text(in recipe: Recipe) -> String { write(recipe) }

  /// Marks a key that the official code does not have.
  var ours: RecipeKey {
    var copy = self
    copy.isOurs = true
    return copy
  }

  /// Adds when this key has no effect; a recipe that sets it all the same gets a notice.
  func unused(_ reason: String, when: @escaping @Sendable (Recipe) -> Bool) -> RecipeKey {
    var copy = self
    copy.unusedReason = { when($0) ? reason : nil }
    return copy
  }
}

extension RecipeKey {
  /// The key of a dotted name.
  package static func named(_ name: String) -> RecipeKey? { byName[name] }

  /// The groups, in the order of the table.
  package static let groups: [String] = all.reduce(into: []) { groups, key in
    if groups.last != key.group { groups.append(key.group) }
  }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
