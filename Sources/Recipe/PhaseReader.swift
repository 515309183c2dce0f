import Settings

/// Reads the list under the key `phases`.
enum PhaseReader {
  /// A definition and the place where it was given.
  typealias Placed = (definition: PhaseDefinition, place: SettingLocation)

  /// Returns the definitions in a list. `place` gives the place of a line.
  static func list(
    _ node: YAMLNode, place: (Int) -> SettingLocation
  ) throws(SettingError) -> [Placed] {
    guard case .sequence(let items) = node.content else {
      throw SettingError(
        place: place(node.line), key: "phases",
        message: "must be a list of phases, such as - {name: high, steps: 1000}, not \(node.shown)")
    }
    var phases: [Placed] = []
    for item in items {
      let phase = try one(item, number: phases.count + 1, place)
      if phases.contains(where: { $0.definition.name == phase.name }) {
        throw SettingError(
          place: place(item.line), key: "phases", message: "two phases are called \(phase.name)")
      }
      phases.append((phase, place(item.line)))
    }
    return phases
  }

  private static func one(
    _ node: YAMLNode, number: Int, _ place: (Int) -> SettingLocation
  ) throws(SettingError) -> PhaseDefinition {
    guard case .mapping(let pairs) = node.content else {
      throw SettingError(
        place: place(node.line), key: "phases",
        message: "phase \(number) must be a group of keys with a name, not \(node.shown)")
    }
    var phase = PhaseDefinition(name: "")
    for (key, value) in pairs { try take(key, value, group: nil, into: &phase, place) }
    guard !phase.name.isEmpty else {
      throw SettingError(
        place: place(node.line), key: "phases", message: "phase \(number) has no name")
    }
    return phase
  }

  private static func take(
    _ key: YAMLNode, _ value: YAMLNode, group: String?, into phase: inout PhaseDefinition,
    _ place: (Int) -> SettingLocation
  ) throws(SettingError) {
    guard case .scalar(let last, _) = key.content, last.utf8.count <= 100 else {
      throw SettingError(place: place(key.line), key: "phases", message: "a key must be a word")
    }
    let name = group.map { "\($0).\(last)" } ?? last
    if RecipeKey.groups.contains(name), case .mapping(let pairs) = value.content {
      for (key, value) in pairs { try take(key, value, group: name, into: &phase, place) }
      return
    }
    do throws(Refusal) {
      if let read = ownKeys[name] {
        try read(value, &phase)
      } else {
        try override(name, value, &phase)
      }
    } catch {
      throw SettingError(
        place: place(key.line), key: "phases: \(name)", message: error.message)
    }
  }

  private static func override(
    _ name: String, _ value: YAMLNode, _ phase: inout PhaseDefinition
  ) throws(Refusal) {
    guard let key = RecipeKey.named(name) else {
      let own = ownKeys.keys.sorted().joined(separator: ", ")
      throw Refusal(
        "unknown key; "
          + (NearestName.of(name).map { "did you mean \($0)?" }
            ?? "a phase has \(own), and the groups of a recipe"))
    }
    guard key.mayChangeInPhase else {
      throw Refusal("must be the same in all phases; set it for the whole recipe")
    }
    var trial = Recipe()
    try key.read(value, &trial)
    phase.set(name, key.text(in: trial))
  }

  /// The keys of a phase that a recipe does not have.
  private static let ownKeys:
    [String: @Sendable (YAMLNode, inout PhaseDefinition) throws(Refusal) -> Void] = [
      "name": { (node, phase) throws(Refusal) in
        guard case .scalar(let name, _) = node.content, let problem = nameProblem(name) else {
          if case .scalar(let name, _) = node.content {
            phase.name = name
            return
          }
          throw Refusal("must be a word, not \(node.shown)")
        }
        throw Refusal(problem)
      },
      "steps": { (node, phase) throws(Refusal) in
        guard let text = node.plainText, let steps = Int(text), (1...1_000_000_000).contains(steps)
        else { throw Refusal("must be a whole number, at least 1, not \(node.shown)") }
        phase.steps = steps
      },
      "base_lr_factor": { (node, phase) throws(Refusal) in
        guard let text = node.plainText, let factor = Double(text), factor.isFinite, factor > 0
        else { throw Refusal("must be a number above 0, not \(node.shown)") }
        phase.baseLrFactor = factor
      },
      "compress": { (node, phase) throws(Refusal) in
        let known = PhaseSchedule.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .sequence(let items) = node.content else {
          throw Refusal("must be a list of some of \(known), not \(node.shown)")
        }
        var schedules: [PhaseSchedule] = []
        for item in items {
          guard case .scalar(let word, _) = item.content, let found = PhaseSchedule(rawValue: word)
          else { throw Refusal("must be a list of some of \(known), not of \(item.shown)") }
          schedules.append(found)
        }
        phase.compress = PhaseSchedule.allCases.filter(schedules.contains)
      },
    ]

  /// Returns why a phase cannot have this name; `nil` if it can. Names are typed on command lines,
  /// where `next` and `back` have their own meaning.
  static func nameProblem(_ name: String) -> String? {
    if ["next", "back"].contains(name) {
      return "\(name) is the name of a command; choose another"
    }
    return (1...32).contains(name.utf8.count) && name.first != "-"
      && name.unicodeScalars.allSatisfy(Recipe.isNameScalar)
      ? nil : "must be up to 32 of a-z A-Z 0-9 . _ -, and not begin with -"
  }
}
