import Settings
import Support

extension Recipe {
  /// Returns the resolved recipe as a JSON object with one object for each group of keys.
  package func json() -> String {
    let groups = RecipeKey.groups.map { group in
      let keys = RecipeKey.all.filter { $0.group == group }
        .map { "\($0.lastName.jsonQuoted): \($0.json(in: self))" }
      return "\(group.jsonQuoted): {\(keys.joined(separator: ", "))}"
    }
    let list = phases.map { $0.json() }.joined(separator: ", ")
    let ending = phases.isEmpty ? [] : ["\"phases\": [\(list)]"]
    return "{\((groups + ending).joined(separator: ", "))}"
  }
}

extension PhaseDefinition {
  /// Returns the phase as a JSON object of its differences, with the keys of an item of `phases`.
  fileprivate func json() -> String {
    var parts = ["\"name\": \(name.jsonQuoted)"]
    if let steps { parts.append("\"steps\": \(steps)") }
    if baseLrFactor != 1 { parts.append("\"base_lr_factor\": \(baseLrFactor.yaml)") }
    if Set(compress) != Set(PhaseSchedule.allCases) {
      let words = compress.map { $0.rawValue.jsonQuoted }.joined(separator: ", ")
      parts.append("\"compress\": [\(words)]")
    }
    for group in RecipeKey.groups {
      let keys = overrides.compactMap { override in
        RecipeKey.named(override.key).flatMap { $0.group == group ? ($0, override.text) : nil }
      }.map { "\($0.lastName.jsonQuoted): \($0.json($1))" }
      if !keys.isEmpty { parts.append("\(group.jsonQuoted): {\(keys.joined(separator: ", "))}") }
    }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension RecipeKey {
  /// Returns the value of this key as JSON.
  fileprivate func json(in recipe: Recipe) -> String { json(text(in: recipe)) }

  /// Converts a value's YAML text to JSON. Numbers, booleans, lists and double-quoted text are the
  /// same in both.
  fileprivate func json(_ text: String) -> String {
    ["text", "a word"].contains(kind) && !text.hasPrefix("\"") ? text.jsonQuoted : text
  }
}
