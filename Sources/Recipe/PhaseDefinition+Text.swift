import Settings

extension PhaseDefinition {
  /// Returns what is wrong with a phase's name; `nil` if it is valid.
  package static func problem(ofName name: String) -> String? { PhaseReader.nameProblem(name) }

  /// Returns a phase that goes on where this one ended: rate and momentum run their course again, prototypes
  /// are not frozen again, and what has reached its end stays there.
  ///
  /// - Parameter baseLrFactor: the factor on the recipe's rate; `nil` for that of this phase.
  package func continued(as name: String, steps: Int, baseLrFactor: Double?) -> PhaseDefinition {
    var phase = self
    (phase.name, phase.steps, phase.compress) = (name, steps, [.lr, .momentumTeacher])
    let ended = PhaseSchedule.allCases.filter { !phase.compress.contains($0) }
    for key in ended.flatMap(\.keys) + ["optim.epochs"] { phase.remove(key) }
    phase.set("optim.freeze_last_layer_epochs", "0")
    if let baseLrFactor {
      phase.baseLrFactor = baseLrFactor
      phase.remove("optim.base_lr")
    }
    return phase
  }

  /// Overrides a key with a value, given as YAML text. The value is not checked before the phase
  /// is resolved.
  package mutating func set(_ key: String, _ text: String) {
    let order = RecipeKey.all.map(\.name)
    overrides.removeAll { $0.key == key }
    overrides.append(Override(key: key, text: text))
    overrides.sort { order.firstIndex(of: $0.key) ?? 0 < order.firstIndex(of: $1.key) ?? 0 }
  }

  /// The definition as one line of YAML, which reads back as an equal definition.
  package var text: String {
    var parts = ["name: \(name.yamlScalar)"]
    if let steps { parts.append("steps: \(steps)") }
    if baseLrFactor != 1 { parts.append("base_lr_factor: \(baseLrFactor.yaml)") }
    if Set(compress) != Set(PhaseSchedule.allCases) {
      parts.append("compress: [\(compress.map(\.rawValue).joined(separator: ", "))]")
    }
    for group in RecipeKey.groups {
      let keys = overrides.filter { $0.key.hasPrefix(group + ".") }
        .map { "\($0.key.dropFirst(group.count + 1)): \($0.text)" }
      if !keys.isEmpty { parts.append("\(group): {\(keys.joined(separator: ", "))}") }
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  /// Returns several definitions as one line of YAML.
  package static func text(of phases: [PhaseDefinition]) -> String {
    "[\(phases.map(\.text).joined(separator: ", "))]"
  }

  /// Reads the definitions that `text(of:)` wrote.
  package static func list(_ text: String) throws(SettingError) -> [PhaseDefinition] {
    let node: YAMLNode?
    do { node = try YAMLParser.parse(Array(text.utf8)) } catch {
      throw SettingError(place: .program, key: "phases", message: error.message)
    }
    let phases = try node.map { (node) throws(SettingError) in
      try PhaseReader.list(node) { _ in .program }.map(\.definition)
    }
    guard let phases, !phases.isEmpty else {
      throw SettingError(place: .program, key: "phases", message: "empty")
    }
    return phases
  }
}
