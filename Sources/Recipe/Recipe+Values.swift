/// The value of a recipe's key, for programs that tell numbers from texts.
package enum RecipeValue: Sendable, Equatable {
  case number(Double)
  case truth(Bool)
  /// A word, a text, or a list as YAML writes it.
  case text(String)
}

extension Recipe {
  /// The value of every key, in the order of the table.
  package var values: [(name: String, value: RecipeValue)] {
    RecipeKey.all.map { key in
      let text = key.text(in: self)
      let value: RecipeValue? =
        switch key.kind {
        case "a number", "a whole number": Double(text).map(RecipeValue.number)
        case "true or false": .truth(text == "true")
        default: nil
        }
      return (key.name, value ?? .text(text == "\"\"" ? "" : text))
    }
  }
}
