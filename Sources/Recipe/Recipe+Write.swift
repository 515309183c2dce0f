import Settings

extension Recipe {
  /// Returns the resolved recipe as YAML: every key with its value and its meaning. It reads back
  /// as an equal recipe.
  package func yaml() -> String {
    var text = "# A resolved recipe: every key, whether it was given or not.\n"
    for group in RecipeKey.groups {
      text += "\(group):\n"
      for key in RecipeKey.all where key.group == group {
        let line = "  \(key.lastName): \(key.text(in: self))"
        text += line.padded(to: 44) + "  # \(key.meaning)\n"
      }
    }
    if !phases.isEmpty {
      text += "phases:\n" + phases.map { "  - \($0.text)\n" }.joined()
    }
    return text
  }

  /// Returns the reference of all keys with default, meaning, kind and limits, followed by the
  /// official keys that are accepted without effect or restricted to one value.
  package static func help() -> String {
    let defaults = Recipe()
    var text =
      "Keys of a recipe with their defaults; the official code has all but those marked +.\n"
    for group in RecipeKey.groups {
      text += "\n\(group)\n"
      for key in RecipeKey.all where key.group == group {
        text += "\(key.isOurs ? "+" : " ") \(key.name): \(key.text(in: defaults))\n"
        text += "      \(key.meaning) (\(key.values))\n"
      }
    }
    text += phasesHelp
    text += "\nKeys of the official code that have no effect here\n"
    for key in OfficialKey.all {
      text += "  \(key.name): \(key.accepted)\n      \(key.reason)\n"
    }
    return text
  }
}

extension Recipe {
  private static let phasesHelp = """

    phases
    + phases: a list; without it the whole run is one phase, called pretrain. Each item has
        name            name of the phase
        steps           its length; by default optim.epochs of the phase or the recipe
        base_lr_factor  factor on optim.base_lr: 1
        compress        schedules that run their whole course within it; the others continue:
                        [lr, weight_decay, momentum_teacher, teacher_temp]
        and, in their groups, keys that have other values in it: any but those that decide tensors,
        images, centering, precision or how the run is stored.

    """
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
