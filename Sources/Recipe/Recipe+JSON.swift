extension Recipe {
  /// The recipe as resolved, as a JSON object of groups of keys.
  package func json() -> String {
    let groups = RecipeKey.groups.map { group in
      let keys = RecipeKey.all.filter { $0.group == group }
        .map { "\"\($0.lastName)\": \($0.json(in: self))" }
      return "\"\(group)\": {\(keys.joined(separator: ", "))}"
    }
    let list = phases.map { "\"\($0.text.jsonEscaped)\"" }.joined(separator: ", ")
    let ending = phases.isEmpty ? [] : ["\"phases\": [\(list)]"]
    return "{\((groups + ending).joined(separator: ", "))}"
  }
}

extension String {
  /// The text within a JSON string: it has no control characters.
  fileprivate var jsonEscaped: String {
    replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}

extension RecipeKey {
  /// The value of this key as JSON. Numbers, truth values and lists are written alike in both, and so
  /// is text in double quotes.
  fileprivate func json(in recipe: Recipe) -> String {
    let text = text(in: recipe)
    return ["text", "a word"].contains(kind) && !text.hasPrefix("\"") ? "\"\(text)\"" : text
  }
}
