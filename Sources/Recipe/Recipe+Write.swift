extension Recipe {
  /// The recipe as resolved: every key with its value and its meaning. Reading it back gives an
  /// equal recipe.
  package func yaml() -> String {
    var text = "# A resolved recipe: every key, whether it was given or not.\n"
    for group in RecipeKey.groups {
      text += "\(group):\n"
      for key in RecipeKey.all where key.group == group {
        let line = "  \(key.lastName): \(key.text(in: self))"
        text += line.padded(to: 44) + "  # \(key.meaning)\n"
      }
    }
    return text
  }

  /// The reference of all keys: kind, limits, default and meaning, then the official keys that are
  /// accepted without effect or held to one value.
  package static func help() -> String {
    let defaults = Recipe()
    var text =
      "Keys of a recipe, as GROUP.KEY: DEFAULT. Those marked + are not in the official code.\n"
    for group in RecipeKey.groups {
      text += "\n\(group)\n"
      for key in RecipeKey.all where key.group == group {
        let mark = key.isOurs ? "+" : " "
        text += "\(mark) \(key.name): \(key.text(in: defaults))".padded(to: 48)
        text += "  \(key.meaning)\n" + "".padded(to: 48) + "  (\(key.values))\n"
      }
    }
    text += "\nOfficial keys that decide nothing here\n"
    for key in OfficialKey.all {
      text += "  \(key.name)".padded(to: 48) + "  \(key.ruleText): \(key.reason)\n"
    }
    return text
  }
}

extension RecipeKey {
  /// What values it takes: `a number above 0 to 1`, `one of mlp, swiglu, swiglufused`.
  package var values: String {
    if !choices.isEmpty { return "one of \(choices.joined(separator: ", "))" }
    let limits = limits.description
    return limits.isEmpty ? kind : "\(kind) \(limits)"
  }
}

extension OfficialKey {
  /// What may stand there, for the reference.
  fileprivate var ruleText: String {
    switch rule {
    case .withoutEffect: "no effect"
    case .only(let value): "must be \(value.yamlScalar)"
    case .replaced(let key): "no effect, and needs \(key)"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
