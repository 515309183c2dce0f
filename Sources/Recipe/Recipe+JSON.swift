import Support

extension Recipe {
  /// The recipe as resolved, as a JSON object of groups of keys.
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
  /// An object of what sets the phase apart, its keys as a recipe's `phases` has them.
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
  /// The value of this key as JSON. Numbers, truth values and lists are written alike in both, and so
  /// is text in double quotes.
  fileprivate func json(in recipe: Recipe) -> String { json(text(in: recipe)) }

  /// A value's YAML text as JSON.
  fileprivate func json(_ text: String) -> String {
    ["text", "a word"].contains(kind) && !text.hasPrefix("\"") ? text.jsonQuoted : text
  }
}
